"""The stand-in of the API server (standin/), and what a kubelet would make of the pods in it."""

import base64
import json
import os
import pathlib
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator

from training.processes import TIMEOUT, Failed, Process, until

ACCOUNT_FOLDER = "/run/secrets/kubernetes.io/serviceaccount"


class Kubernetes:
    """A running stand-in."""

    def __init__(self, host: str, port: int, objects: pathlib.Path, folder: pathlib.Path) -> None:
        self.host, self.port = host, port
        self.authority = folder / "ca.crt"
        self._process = Process(
            "kubernetes", [os.environ["STANDIN"], "-address", f"{host}:{port}", "-folder", str(folder), str(objects)], folder
        )

        def serves() -> bool:
            self._process.alive()
            return self.authority.exists()

        until(serves, "the stand-in of the API server to serve", self._process.tail)
        self._tls = ssl.create_default_context(cafile=str(self.authority))

    def get(self, path: str) -> dict:
        return self._ask("GET", path)

    def create(self, path: str, body: dict) -> dict:
        return self._ask("POST", path, body)

    def patch(self, path: str, body: dict) -> dict:
        """A JSON merge patch."""
        return self._ask("PATCH", path, body, "application/merge-patch+json")

    def await_object(self, path: str) -> dict:
        """The object, once it exists."""
        found: list[dict] = []

        def exists() -> bool:
            try:
                found.append(self.get(path))
            except urllib.error.HTTPError as answer:
                if answer.code != 404:
                    raise
            return bool(found)

        until(exists, path, self._process.tail)
        return found[0]

    def _ask(self, method: str, path: str, body: dict | None = None, media_type: str = "application/json") -> dict:
        request = urllib.request.Request(
            f"https://{self.host}:{self.port}{path}", None if body is None else json.dumps(body).encode(), {"Content-Type": media_type}, method=method
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT, context=self._tls) as answer:
            return json.load(answer)


def token(pod: dict) -> str:
    """What the stand-in believes."""
    return f"{pod['metadata']['namespace']}.{pod['spec']['serviceAccountName']}.{pod['metadata']['name']}"


def environment(container: dict, pod: dict, kubernetes: Kubernetes) -> dict[str, str]:
    """The environment that the kubelet gives a container."""
    values = {"KUBERNETES_SERVICE_HOST": kubernetes.host, "KUBERNETES_SERVICE_PORT": str(kubernetes.port)}
    for variable in container.get("env", []):
        if "valueFrom" in variable:
            value = pod
            for key in variable["valueFrom"]["fieldRef"]["fieldPath"].split("."):
                value = value[key]
        else:
            value = variable.get("value", "").replace("$$(", "$(")
        values[variable["name"]] = value
    return values


def files(container: dict, pod: dict, kubernetes: Kubernetes) -> Iterator[tuple[str, bytes]]:
    """Path and content of what is mounted into a container: its account, tokens and Secrets."""
    yield f"{ACCOUNT_FOLDER}/token", token(pod).encode()
    yield f"{ACCOUNT_FOLDER}/ca.crt", kubernetes.authority.read_bytes()
    yield f"{ACCOUNT_FOLDER}/namespace", pod["metadata"]["namespace"].encode()
    volumes = {volume["name"]: volume for volume in pod["spec"].get("volumes", [])}
    for mount in container.get("volumeMounts", []):
        folder, volume = mount["mountPath"].replace("/var/run/", "/run/", 1), volumes[mount["name"]]
        if "secret" in volume:
            secret = kubernetes.await_object(f"/api/v1/namespaces/{pod['metadata']['namespace']}/secrets/{volume['secret']['secretName']}")
            for name, value in secret["data"].items():
                yield f"{folder}/{name}", base64.b64decode(value)
        for source in volume.get("projected", {}).get("sources", []):
            if "serviceAccountToken" not in source:
                raise Failed(f"pod {pod['metadata']['name']}, volume {volume['name']}: {source} (expected: a token)")
            yield f"{folder}/{source['serviceAccountToken']['path']}", token(pod).encode()


def patched(value: dict, operations: list[dict]) -> dict:
    """The object with a JSON patch applied that only adds, as the injector's does (RFC 6902, 4.1)."""
    result = json.loads(json.dumps(value))
    for operation in operations:
        if operation["op"] != "add":
            raise Failed(f"patch: {operation['op']} (expected: add)")
        *way, last = (key.replace("~1", "/").replace("~0", "~") for key in operation["path"].removeprefix("/").split("/"))
        at = result
        for key in way:
            at = at[int(key)] if isinstance(at, list) else at[key]
        if isinstance(at, list):
            at.insert(len(at) if last == "-" else int(last), operation["value"])
        else:
            at[last] = operation["value"]
    return result
