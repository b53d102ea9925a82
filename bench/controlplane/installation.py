"""CA and adapter as they run in their pods: the files of their images, the options of their JVMs, the memory of their limits."""

import base64
import dataclasses
import pathlib
import re
import time
import urllib.request

from builder import application
from comparison.process import Process
from controlplane.apiserver import ApiServer
from demo.shell import ROOT, Failed

NAMESPACE = "heddle-system"
# Where the adapter converts objects.
CONVERSION = f"heddle-conversion.{NAMESPACE}.svc"
# The default limits of a MeshInstall, which a JVM sizes its heap by.
MEMORY = {"heddle-ca": "256m", "heddle-smi-adapter": "512m"}
CA_PORT, CA_HEALTH = 15012, 15020
ADAPTER_PORT, WEBHOOK_PORT, ADAPTER_HEALTH = 15010, 15017, 15021
DEFINITIONS = ROOT / "crds" / "src" / "main" / "resources" / "heddle" / "crds"
READY = 90  # seconds
RESTED = 3  # seconds without anything to do
LONGEST_BUSY = 400  # seconds
MESH = """
trustDomain: cluster.local
accessControl: enforced
foreignTrafficTargets: refused
proxy:
  image: heddle-proxy:bench
  imagePullPolicy: IfNotPresent
  concurrency: 1
  accessLog: off
  logLevel: info
  drainTimeoutSeconds: 30
  resources: {requests: {cpu: 50m, memory: 64Mi}, limits: {memory: 192Mi}}
  skipInboundPorts: []
  skipOutboundPorts: []
metricsWindow: PT30S
"""


@dataclasses.dataclass(frozen=True)
class Place:
    """Where processes run: a folder for their files, their processors, the runtime of the images, and options of the adapter's JVM beyond its pod's."""

    folder: pathlib.Path
    processors: frozenset[int]
    runtime: pathlib.Path
    adapter_options: str = ""


class Installation:
    """A mesh that serves until it is closed."""

    def __init__(self, api: ApiServer, place: Place) -> None:
        self._place = place
        self._kubeconfig = place.folder / "kubeconfig"
        self._kubeconfig.write_text(api.kubeconfig())
        self.trust_anchors = place.folder / "trust-anchors.pem"
        api.create("/api/v1/namespaces", _named("v1", "Namespace", NAMESPACE))
        for account in ("heddle-ca", "heddle-smi-adapter"):
            api.create(f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts", _named("v1", "ServiceAccount", account))
        api.create(f"/api/v1/namespaces/{NAMESPACE}/configmaps", {**_named("v1", "ConfigMap", "heddle-mesh"), "data": {"mesh.yaml": MESH}})
        self._ca = self._start("heddle-ca", {})
        _await_ready(self._ca, CA_HEALTH)
        self.adapter = self._start_adapter(api)

    def exposition(self) -> str:
        """The adapter's metrics as it shows them."""
        with urllib.request.urlopen(f"http://127.0.0.1:{ADAPTER_HEALTH}/metrics", timeout=10) as answer:
            return answer.read().decode()

    def scrape(self) -> dict[str, float]:
        """The adapter's metrics, by name with labels as they are written."""
        lines = self.exposition().splitlines()
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if not line.startswith("#"))}

    def await_rest(self) -> float:
        """Returns once the adapter has nothing to do any more, with the seconds that this took: a status of every object of SMI is written, some in a second."""
        began = time.monotonic()
        before, since = -1.0, began
        while time.monotonic() - since < RESTED:
            if time.monotonic() - began > LONGEST_BUSY:
                raise Failed(f"the adapter has work after {LONGEST_BUSY} s without any change")
            self.adapter.check()
            metrics = self.scrape()
            written = sum(value for name, value in metrics.items() if re.match(r"heddle_status_writes_total|heddle_xds_pushes_total", name))
            if written != before or metrics["heddle_observation_queue"] > 0:
                before, since = written, time.monotonic()
            # Each look at the metrics costs the adapter some milliseconds.
            time.sleep(1)
        return time.monotonic() - began

    def close(self) -> None:
        self.adapter.close()
        self._ca.close()

    def _start_adapter(self, api: ApiServer) -> Process:
        webhook = self._place.folder / "webhook"
        webhook.mkdir()
        secret = api.await_object(f"/api/v1/namespaces/{NAMESPACE}/secrets/heddle-webhook-certificate")["data"]
        for name, value in secret.items():
            (webhook / name).write_bytes(base64.b64decode(value))
        anchors = api.await_object(f"/api/v1/namespaces/{NAMESPACE}/configmaps/heddle-trust-anchors")["data"]
        self.trust_anchors.write_text(anchors["trust-anchors.pem"])
        define_kinds(api, secret["ca.crt"])
        token = self._place.folder / "adapter.token"
        token.write_text(bound_token(api, "heddle-smi-adapter"))
        adapter = self._start(
            "heddle-smi-adapter",
            {
                "HEDDLE_CA_ADDRESS": f"127.0.0.1:{CA_PORT}", "HEDDLE_TOKEN_FILE": str(token), "HEDDLE_XDS_PORT": str(ADAPTER_PORT),
                "HEDDLE_WEBHOOK_PORT": str(WEBHOOK_PORT), "HEDDLE_WEBHOOK_DIRECTORY": str(webhook), "HEDDLE_HEALTH_PORT": str(ADAPTER_HEALTH),
            },
            self._place.adapter_options,
        )  # fmt: skip
        _await_ready(adapter, ADAPTER_HEALTH)
        return adapter

    def _start(self, name: str, settings: dict[str, str], options: str = "") -> Process:
        app = next(each for each in application.APPLICATIONS if each.name == name)
        folder = ROOT / "images" / "target" / name
        if not application.cached_classes(app, folder).exists():
            raise Failed(f"{folder} is missing or has no AOT cache; run `make images` first")
        environment = {
            **application.ENVIRONMENT, **settings, "KUBECONFIG": str(self._kubeconfig), "HEDDLE_MESH_NAMESPACE": NAMESPACE, "HEDDLE_POD_NAME": f"{name}-0",
            "JDK_JAVA_OPTIONS": f"-XX:MaxRAM={MEMORY[name]} -XX:ActiveProcessorCount={len(self._place.processors)} {options}".strip(),
        }  # fmt: skip
        return Process(application.command(app, folder, self._place.runtime), self._place.folder / f"{name}.log", self._place.processors, environment)


def bound_token(api: ApiServer, account: str) -> str:
    """As the kubelet asks for it, of a pod of this account."""
    pod = _named("v1", "Pod", f"{account}-0")
    pod["spec"] = {"serviceAccountName": account, "nodeName": "bench", "containers": [{"name": account, "image": account}]}
    api.create(f"/api/v1/namespaces/{NAMESPACE}/pods", pod)
    request = {
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
        "spec": {
            "audiences": ["heddle-ca"], "expirationSeconds": 3600,
            "boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": pod["metadata"]["name"]},
        },
    }  # fmt: skip
    return api.create(f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/{account}/token", request)["status"]["token"]


def define_kinds(api: ApiServer, authority: str) -> None:
    """The kinds of SMI as the operator leaves them, converted by the adapter: into each older version for every change, since the API server caches all that it serves."""
    for file in sorted(DEFINITIONS.glob("*.smi-spec.io.yaml")):
        path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        api.create_yaml(path, file.read_text())
        if len(api.get(f"{path}/{file.stem}")["spec"]["versions"]) > 1:
            client = {"url": f"https://{CONVERSION}:{WEBHOOK_PORT}/convert", "caBundle": authority}
            webhook = {"conversionReviewVersions": ["v1"], "clientConfig": client}
            api.patch(f"{path}/{file.stem}", {"spec": {"conversion": {"strategy": "Webhook", "webhook": webhook}}})


def _await_ready(process: Process, port: int) -> None:
    deadline, said = time.monotonic() + READY, "nothing"
    while time.monotonic() < deadline:
        process.check()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except urllib.error.HTTPError as answer:
            said = answer.read().decode()
        except OSError as problem:
            said = str(problem)
        time.sleep(0.1)
    raise Failed(f"port {port} is not ready after {READY} s: {said}")


def _named(version: str, kind: str, name: str) -> dict:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}}
