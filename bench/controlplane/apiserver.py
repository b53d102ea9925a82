"""A real API server with its etcd, and nothing else of a cluster: what is written stays as it is written."""

import json
import pathlib
import ssl
import time
import urllib.error
import urllib.request

from comparison import ports
from comparison.process import Process
from demo.shell import Failed, run

TOKEN = "bench"
LONGEST = 90  # seconds until it serves
TIMEOUT = 30  # seconds of one request
# The kubernetes Service has to have an endpoint that is no loopback address; nobody connects to it (RFC 5737).
ADVERTISED = "192.0.2.1"
SERVICES = "10.96.0.0/12"


class ApiServer:
    """Serves until it is closed; `token` may do everything."""

    def __init__(self, kubernetes: pathlib.Path, folder: pathlib.Path, processors: frozenset[int]) -> None:
        etcd, self.port = ports.free(), ports.free()
        self.url = f"https://127.0.0.1:{self.port}"
        self.certificates = folder / "apiserver"
        self.root = self.certificates / "apiserver.crt"
        key, public = folder / "accounts.key", folder / "accounts.pub"
        run(["openssl", "genrsa", "-out", key, "2048"])
        run(["openssl", "rsa", "-in", key, "-pubout", "-out", public])
        tokens = folder / "tokens.csv"
        tokens.write_text(f'{TOKEN},bench,bench,"system:masters"\n')
        self._etcd = Process(
            ["etcd", f"--data-dir={folder / 'etcd'}", f"--listen-client-urls=http://127.0.0.1:{etcd}", f"--advertise-client-urls=http://127.0.0.1:{etcd}",
             f"--listen-peer-urls=http://127.0.0.1:{ports.free()}", "--log-level=warn", "--unsafe-no-fsync"],
            folder / "etcd.log", processors,
        )  # fmt: skip
        ports.await_open(etcd, self._etcd)
        self._process = Process(
            [kubernetes, "kube-apiserver", f"--etcd-servers=http://127.0.0.1:{etcd}", "--bind-address=127.0.0.1", f"--secure-port={self.port}",
             f"--advertise-address={ADVERTISED}", "--endpoint-reconciler-type=none", f"--service-cluster-ip-range={SERVICES}",
             f"--cert-dir={self.certificates}", f"--token-auth-file={tokens}", "--authorization-mode=RBAC",
             "--service-account-issuer=https://kubernetes.default.svc.cluster.local", f"--service-account-key-file={public}",
             f"--service-account-signing-key-file={key}",
             # Of an account that was made the moment before.
             "--disable-admission-plugins=ServiceAccount", "--profiling=false"],
            folder / "apiserver.log", processors,
        )  # fmt: skip
        self._await_ready()

    def get(self, path: str) -> dict:
        return json.loads(self._ask("GET", path))

    def create(self, path: str, body: dict) -> dict:
        return json.loads(self._ask("POST", path, json.dumps(body)))

    def create_yaml(self, path: str, text: str) -> None:
        self._ask("POST", path, text, "application/yaml")

    def patch(self, path: str, body: dict) -> None:
        """Merges some fields into an object."""
        self._ask("PATCH", path, json.dumps(body), "application/merge-patch+json")

    def await_object(self, path: str, longest: float = 60) -> dict:
        """The object, once it exists."""
        deadline = time.monotonic() + longest
        while True:
            try:
                return self.get(path)
            except urllib.error.HTTPError as answer:
                if answer.code != 404 or time.monotonic() > deadline:
                    raise Failed(f"{path}: {answer} after {longest:.0f} s") from answer
            time.sleep(0.1)

    def kubeconfig(self) -> str:
        """For a client that may do everything; JSON is YAML."""
        return json.dumps(
            {
                "apiVersion": "v1", "kind": "Config", "current-context": "bench",
                "clusters": [{"name": "bench", "cluster": {"server": self.url, "certificate-authority": str(self.root)}}],
                "users": [{"name": "bench", "user": {"token": TOKEN}}],
                "contexts": [{"name": "bench", "context": {"cluster": "bench", "user": "bench"}}],
            }
        )  # fmt: skip

    def cpu(self) -> float:
        return self._process.cpu() + self._etcd.cpu()

    def close(self) -> None:
        self._process.close()
        self._etcd.close()

    def _await_ready(self) -> None:
        deadline = time.monotonic() + LONGEST
        while True:
            self._process.check()
            try:
                self._ask("GET", "/readyz")
                return
            except OSError as problem:
                if time.monotonic() > deadline:
                    raise Failed(f"the API server is not ready after {LONGEST} s: {problem}") from problem
            time.sleep(0.2)

    def _ask(self, method: str, path: str, body: str | None = None, kind: str = "application/json") -> str:
        request = urllib.request.Request(
            self.url + path, method=method, data=body.encode() if body is not None else None,
            headers={"Content-Type": kind, "Authorization": f"Bearer {TOKEN}"},
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=TIMEOUT, context=ssl.create_default_context(cafile=str(self.root))) as answer:
            return answer.read().decode()
