"""Proxies and the servers behind them, started for one work and ended with it."""

import contextlib
import dataclasses
import time
from collections.abc import Sequence

from demo.shell import Failed

from comparison import ports
from comparison.load import Loads
from comparison.peers import PEERS, Bench, start_origin
from comparison.process import Process
from comparison.certificates import Certificates
from comparison.task import Destination, Protocol, Task

# After which every proxy has also given back the pages of files that it does not use: Heddle does so every ten seconds.
PAGES_RELEASED = 11
RESTING = 0.03  # seconds of processor time in a second
# Of every split: most to the first version, as in a canary.
WEIGHTS = (90, 10)


@dataclasses.dataclass(frozen=True)
class Chain:
    """One proxy or two in a row; clients enter at `port`."""

    port: int
    processes: Sequence[Process]

    def cpu(self) -> float:
        return sum(process.cpu() for process in self.processes)

    @property
    def client(self) -> Process:
        """The proxy that clients reach first."""
        return self.processes[0]


class Stage(contextlib.ExitStack):
    """Starts things; what it started ends with it, last first."""

    def __init__(self, bench: Bench, certificates: Certificates) -> None:
        super().__init__()
        self.bench = bench
        self.certificates = certificates
        self.loads = Loads(bench.tools, bench.processors, bench.folder)

    def origin(self) -> dict[int, int]:
        """Two versions of a service; ports and weights."""
        served = [ports.free() for _ in WEIGHTS]
        self.callback(start_origin(self.bench, served).close)
        return dict(zip(served, WEIGHTS, strict=True))

    def own_server(self, protocol: Protocol) -> dict[int, int]:
        """The server of bench-tools: gRPC for HTTP/2, a megabyte for HTTP/1.1."""
        grpc, http = ports.free(), ports.free()
        served = grpc if protocol is Protocol.HTTP2 else http
        self._serve([self.bench.tools.own, "serve", "-grpc", f"127.0.0.1:{grpc}", "-http", f"127.0.0.1:{http}"], served, "server")
        return {served: 1}

    def iperf3_server(self) -> dict[int, int]:
        port = ports.free()
        self._serve([self.bench.tools.iperf3, "--server", "--bind", "127.0.0.1", "--port", str(port)], port, "iperf3")
        return {port: 1}

    def single(self, peer: str, served: dict[int, int], protocol: Protocol) -> Chain:
        """One proxy, plaintext on both sides."""
        return self._chain(peer, [Task(ports.free(), Destination(served, protocol))], protocol)

    def server_side(self, peer: str, served: dict[int, int]) -> Chain:
        """One proxy that takes mTLS from the client's workload."""
        task = Task(ports.free(), Destination(served, Protocol.HTTP1), self.certificates.server, self.certificates.client)
        return self._chain(peer, [task], Protocol.TCP)

    def pair(self, peer: str, served: dict[int, int], between: Protocol, behind: Protocol = Protocol.HTTP1) -> Chain:
        """The client's proxy and the server's, mTLS between them."""
        enter, middle = ports.free(), ports.free()
        client = Task(enter, Destination({middle: 1}, between, self.certificates.server), self.certificates.client)
        server = Task(middle, Destination(served, behind), self.certificates.server, self.certificates.client)
        return self._chain(peer, [client, server], behind)

    def process(self, peer: str, task: Task) -> Process:
        process = PEERS[peer].start(self.bench, task)
        self.callback(process.close)
        return process

    def _chain(self, peer: str, tasks: Sequence[Task], enter: Protocol) -> Chain:
        processes = [self.process(peer, task) for task in tasks]
        for task, process in zip(tasks, processes, strict=True):
            ports.await_open(task.listen, process)
        if enter is Protocol.HTTP1:
            ports.await_answer(tasks[0].listen, processes[0])
        return Chain(tasks[0].listen, processes)

    def _serve(self, command: Sequence[object], port: int, name: str) -> None:
        process = Process([str(word) for word in command], self.bench.folder / f"{name}.log", self.bench.processors.others)
        self.callback(process.close)
        ports.await_open(port, process)


def steady_memory(process: Process, longest: float = 90) -> float:
    """Megabytes written that no other process shares, once they no longer change by more than a hundredth."""
    deadline = time.monotonic() + longest
    before = process.memory().written
    while True:
        settle()
        now = process.memory().written
        if abs(now - before) <= before / 100 or time.monotonic() > deadline:
            return now
        before = now


def await_rest(chain: Chain, longest: float = 40) -> None:
    """Returns once the proxies do nothing any more: a compiler may still have a queue when the load that filled it has ended."""
    deadline = time.monotonic() + longest
    while True:
        before = chain.cpu()
        time.sleep(1)
        if chain.cpu() - before <= RESTING:
            return
        if time.monotonic() > deadline:
            raise Failed(f"the proxies at port {chain.port} do not come to rest within {longest:.0f} s without load")


def settle(seconds: float = 6) -> None:
    """Long enough for every proxy to give freed memory back: Heddle's JVM does so every five seconds."""
    time.sleep(seconds)
