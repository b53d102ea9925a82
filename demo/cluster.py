"""The Kubernetes that the demo runs on, and the load generator in it."""

import json
import os
import pathlib
from typing import Protocol

from demo.shell import COMMAND_TIMEOUT, ROOT, run, say, step

LOCAL_CLUSTER = ROOT / "test-e2e" / "localcluster" / "localcluster"
CLUSTER = "demo"
NAMESPACE = "heddle-demo"
MESH = "heddle"
MESH_NAMESPACE = "heddle-system"
OPERATOR_NAMESPACE = "heddle-operator"


class Cluster:
    """The Kubernetes that the demo runs on."""

    def __init__(self) -> None:
        self.local = os.environ.get("CLUSTER", "local") != "current"
        self._environment = dict(os.environ)

    def start(self, images: list[pathlib.Path]) -> None:
        if not self.local:
            say(f"Using the cluster of your kubeconfig: {self.kubectl('config', 'current-context').strip()}")
            return
        with step("Starting a local Kubernetes"):
            run([LOCAL_CLUSTER, "up", "--name", CLUSTER], timeout=1200, log="local-kubernetes")
        with step(f"Loading {len(images)} images"):
            run([LOCAL_CLUSTER, "load-image", "--name", CLUSTER, *images], log="load-images")

    def stop(self) -> None:
        with step("Removing the local Kubernetes"):
            run([LOCAL_CLUSTER, "down", "--name", CLUSTER], log="local-kubernetes-down")

    def kubectl(self, *arguments: str, given: str | None = None, timeout: float = COMMAND_TIMEOUT) -> str:
        command = [LOCAL_CLUSTER, "kubectl", "--name", CLUSTER, "--", *arguments] if self.local else ["kubectl", *arguments]
        return run(command, given=given, timeout=timeout, environment=self._environment)

    def get(self, path: str) -> str:
        return self.kubectl("get", "--raw", path)

    def post(self, path: str, body: str) -> str:
        return self.kubectl("create", "--raw", path, "--filename", "-", given=body)

    def pods(self) -> list[dict]:
        """The pods of Heddle and of the demo."""
        listed = json.loads(self.kubectl("get", "pods", "--all-namespaces", "--output", "json"))["items"]
        return [pod for pod in listed if pod["metadata"]["namespace"] in (OPERATOR_NAMESPACE, MESH_NAMESPACE, NAMESPACE)]


class ApiServer(Protocol):
    """Answers for a path of the API server, whichever way it is reached."""

    def get(self, path: str) -> str: ...

    def post(self, path: str, body: str) -> str: ...


class Load:
    """A run of the load generator in the client pod, driven through the API server; test-e2e/workload/README.md tells what it can do."""

    def __init__(self, server: ApiServer, pod: str, **specification) -> None:
        self._server = server
        self._proxy = f"/api/v1/namespaces/{NAMESPACE}/pods/{pod}:8090/proxy"
        answer = server.post(f"{self._proxy}/start", json.dumps({"target": "http://web:8080/", **specification}))
        self._run = f"{self._proxy}/runs/{json.loads(answer)['id']}"

    def report(self, since: int = 0, until: int = 0) -> dict:
        return json.loads(self._server.get(f"{self._run}?since={since}&until={until}"))

    def now(self) -> int:
        """Microseconds since the epoch by the pod's clock."""
        return json.loads(self._server.get(f"{self._proxy}/time"))["now"]

    def events(self, since: int) -> list[dict]:
        """One for each answer that came from another version than the answer before."""
        return json.loads(self._server.get(f"{self._run}/events?since={since}"))

    def stop(self) -> dict:
        return json.loads(self._server.post(f"{self._run}/stop", "{}"))
