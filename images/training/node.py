"""A node without a kubelet: a bridge in this network namespace, and pods, which are network and mount namespaces of their own."""

import os
import pathlib
import subprocess
from collections.abc import Iterable, Mapping

from training.processes import Failed, Process, run

ADDRESS = "10.244.0.1"
PREFIX = 24
BRIDGE = "pods"
SETUP = 'mount -t tmpfs tmpfs /run && mount --bind "$1" /etc/hosts && ip link set lo up && echo && exec sleep infinity'


class Node:
    """Makes the bridge; every pod knows all the names.

    `names` are host names by address.
    """

    def __init__(self, names: Mapping[str, str], folder: pathlib.Path) -> None:
        self._folder = folder
        self._hosts = folder / "hosts"
        self._hosts.write_text("".join(f"{address}\t{name}\n" for address, name in {"127.0.0.1": "localhost", **names}.items()))
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", BRIDGE, "type", "bridge")
        run("ip", "address", "add", f"{ADDRESS}/{PREFIX}", "dev", BRIDGE)
        run("ip", "link", "set", BRIDGE, "up")

    def pod(self, name: str, address: str) -> "Pod":
        return Pod(name, address, self._hosts, self._folder)


class Pod:
    """The namespaces of a pod. Its `/run` is its own and empty, all other files are the node's."""

    def __init__(self, name: str, address: str, hosts: pathlib.Path, folder: pathlib.Path) -> None:
        self.name, self.address = name, address
        self._folder = folder
        holder = subprocess.Popen(
            ["unshare", "--net", "--mount", "sh", "-c", SETUP, "sh", hosts], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        )
        if not holder.stdout.readline():
            raise Failed(f"pod {name}: its namespaces could not be made")
        self._id = str(holder.pid)
        device = f"pod-{address.rpartition('.')[2]}"
        run("ip", "link", "add", device, "type", "veth", "peer", "name", "eth0", "netns", self._id)
        run("ip", "link", "set", device, "master", BRIDGE, "up")
        self.run("ip", "address", "add", f"{address}/{PREFIX}", "dev", "eth0")
        self.run("ip", "link", "set", "eth0", "up")
        self.run("ip", "route", "add", "default", "via", ADDRESS)

    def run(self, *command: str, given: str | None = None) -> str:
        return run(*self._entering(), *command, given=given)

    def start(self, name: str, command: Iterable[str], environment: Mapping[str, str] | None = None) -> Process:
        return Process(name, [*self._entering(), *command], self._folder, {**os.environ, **(environment or {})})

    def write(self, path: str, content: bytes) -> None:
        """Writes a file below `/run`."""
        file = pathlib.Path(f"/proc/{self._id}/root{path}")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)

    def route(self, destination: str, via: str) -> None:
        self.run("ip", "route", "add", destination, "via", via)

    def _entering(self) -> tuple[str, ...]:
        return ("nsenter", "--target", self._id, "--net", "--mount", "--")
