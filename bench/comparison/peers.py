"""The three proxies, each started for a task."""

import dataclasses
import json
import pathlib
from collections.abc import Mapping
from typing import Protocol as Interface

from comparison import bootstrap, haproxy, ports
from comparison.machine import Processors
from comparison.process import Process
from comparison.task import Task
from comparison.tools import Tools

# The limit that a pod's proxy has by default. The JVM sizes its heap by it.
POD_MEMORY = "192m"


@dataclasses.dataclass(frozen=True)
class Bench:
    """Where proxies run: the programs, the processors, a folder for their files, how many worker threads each has and how many files it may open."""

    tools: Tools
    processors: Processors
    folder: pathlib.Path
    root: pathlib.Path
    workers: int
    files: int


class Peer(Interface):
    """A kind of proxy."""

    name: str

    def start(self, bench: Bench, task: Task) -> Process: ...


class Heddle:
    name = "heddle"

    def start(self, bench: Bench, task: Task) -> Process:
        return self.serve(bench, bootstrap.of(task, ports.free(), bench.root))

    def serve(self, bench: Bench, configuration: Mapping[str, object]) -> Process:
        file = _written(bench, self.name, configuration)
        environment = {
            "HEDDLE_HEALTH_PORT": str(ports.free()),
            # Nothing is in flight any more when it is ended.
            "HEDDLE_DRAIN_TIMEOUT_SECONDS": "1",
            # As in its pod: the memory that the kubelet allows, all the node's processors.
            "JDK_JAVA_OPTIONS": f"-XX:MaxRAM={POD_MEMORY} -XX:ActiveProcessorCount={_all_processors(bench)}",
        }
        command = [bench.tools.heddle, "--config", file, "--concurrency", str(bench.workers)]
        return Process(command, file.with_suffix(".log"), bench.processors.proxies, environment)


class Envoy:
    name = "envoy"

    def start(self, bench: Bench, task: Task) -> Process:
        return self.serve(bench, bootstrap.of(task, ports.free(), bench.root))

    def serve(self, bench: Bench, configuration: Mapping[str, object]) -> Process:
        file = _written(bench, self.name, configuration)
        command = [bench.tools.envoy, "--config-path", file, "--concurrency", str(bench.workers), "--disable-hot-restart", "--log-level", "warning"]
        return Process(command, file.with_suffix(".log"), bench.processors.proxies)


class HAProxy:
    name = "haproxy"

    def start(self, bench: Bench, task: Task) -> Process:
        file = bench.folder / f"{self.name}-{task.listen}.cfg"
        file.write_text(haproxy.configuration(task, bench.workers, bench.files, bench.root))
        return Process([bench.tools.haproxy, "-db", "-f", file], file.with_suffix(".log"), bench.processors.proxies)


class BootstrapPeer(Peer, Interface):
    """One that takes an Envoy bootstrap."""

    def serve(self, bench: Bench, configuration: Mapping[str, object]) -> Process: ...


BOOTSTRAP_PEERS: Mapping[str, BootstrapPeer] = {peer.name: peer for peer in (Heddle(), Envoy())}
PEERS: Mapping[str, Peer] = {peer.name: peer for peer in (Heddle(), Envoy(), HAProxy())}


def start_origin(bench: Bench, served: list[int]) -> Process:
    """The server behind the proxies; see haproxy.origin."""
    file = bench.folder / "origin.cfg"
    file.write_text(haproxy.origin(served, bench.files))
    process = Process([bench.tools.haproxy, "-db", "-f", file], file.with_suffix(".log"), bench.processors.others)
    for port in served:
        ports.await_open(port, process)
    return process


def flags(bench: Bench) -> dict[str, str]:
    """How each proxy is run, for the report."""
    return {
        "heddle": f"--concurrency {bench.workers}, images/options/heddle-proxy.jvm.options, AOT cache, -XX:MaxRAM={POD_MEMORY}",
        "envoy": f"--concurrency {bench.workers} --disable-hot-restart --log-level warning",
        "haproxy": f"nbthread {bench.workers}, http-reuse always",
    }


def _written(bench: Bench, name: str, configuration: Mapping[str, object]) -> pathlib.Path:
    file = bench.folder / f"{name}-{ports.free()}.json"
    file.write_text(json.dumps(configuration, indent=2))
    return file


def _all_processors(bench: Bench) -> int:
    return len(bench.processors.proxies | bench.processors.others)
