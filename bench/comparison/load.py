"""The load generators, each run once for a while, and what they tell."""

import contextlib
import dataclasses
import json
import pathlib
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence

from demo.shell import Failed, run

from comparison.certificates import Identity
from comparison.machine import Processors
from comparison.tools import Tools

GRACE = 60  # seconds beyond its duration after which a load generator is taken for stuck
BUSY_TRIES = 10
RATE_KEPT = 0.8  # of the rate asked for; less is an overload, not a latency
TASKSET = "taskset"
# What a gRPC call carries: not compressed, 16 bytes.
GRPC_MESSAGE = bytes([0, 0, 0, 0, 16]) + b"bench-bench-benc"
WRK_SUMMARY = """
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('\\n{"requests": %d, "microseconds": %d, "bytes": %d, "failures": %d, "timeouts": %d}\\n',
    summary.requests, summary.duration, summary.bytes, e.connect + e.read + e.write + e.status, e.timeout))
end
"""


class TooSlow(Failed):
    """Nothing failed, but requests were not answered in time."""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How many were served in how many seconds, and how many bytes they had."""

    count: int
    seconds: float
    size: int = 0


@dataclasses.dataclass(frozen=True)
class Latency:
    """In milliseconds."""

    p50: float
    p99: float


@dataclasses.dataclass(frozen=True)
class Loads:
    """All of them; none may use the processors of the proxies. Any failed request is a failure of the whole comparison."""

    tools: Tools
    processors: Processors
    folder: pathlib.Path

    def wrk(self, port: int, seconds: int, connections: int, path: str = "/") -> Outcome:
        """HTTP/1.1, as much as it takes."""
        script = self.folder / "summary.lua"
        script.write_text(WRK_SUMMARY)
        said = self._run(
            [self.tools.wrk, "--threads", 1, "--connections", connections, "--duration", f"{seconds}s", "--script", script, f"http://127.0.0.1:{port}{path}"],
            seconds,
        )
        summary = json.loads(said.strip().splitlines()[-1])
        if summary["failures"]:
            raise Failed(f"wrk: {said}")
        if summary["timeouts"] or not summary["requests"]:
            raise TooSlow(f"wrk: {summary['requests']} requests answered, {summary['timeouts']} not in time")
        return Outcome(summary["requests"], summary["microseconds"] / 1e6, summary["bytes"])

    def h2load(self, port: int, seconds: int, connections: int, streams: int) -> Outcome:
        """gRPC unary calls, as much as it takes."""
        message = self.folder / "grpc-message"
        message.write_bytes(GRPC_MESSAGE)
        said = self._run(
            [self.tools.h2load, "--duration", seconds, "--clients", connections, "--max-concurrent-streams", streams, "--data", message,
             "--header", "content-type: application/grpc", "--header", "te: trailers", f"http://127.0.0.1:{port}/bench.Echo/Unary"],
            seconds,
        )  # fmt: skip
        counts = re.search(r"requests: .* (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout", said)
        if not counts or int(counts.group(2)) or int(counts.group(3)):
            raise Failed(f"h2load: {said}")
        if int(counts.group(4)) or int(counts.group(1)) == 0:
            raise TooSlow(f"h2load: {counts.group(1)} calls answered, {counts.group(4)} not in time")
        return Outcome(int(counts.group(1)), seconds)

    def fortio(self, port: int, seconds: int, rate: int, connections: int) -> Latency:
        """HTTP/1.1 at a constant rate; a latency counts from when its request was due."""
        said = self._run(
            [self.tools.fortio, "load", "-quiet", "-qps", rate, "-c", connections, "-t", f"{seconds}s", "-uniform", "-nocatchup=false", "-r", "0.00001",
             "-p", "50,99", "-json", "-", f"http://127.0.0.1:{port}/"],
            seconds,
        )  # fmt: skip
        result = json.loads(said)
        if set(result["RetCodes"]) != {"200"} or result["ActualQPS"] < RATE_KEPT * rate:
            raise Failed(f"fortio at {rate}/s: {result['ActualQPS']:.0f}/s, {result['RetCodes']}")
        percentiles = {each["Percentile"]: each["Value"] * 1000 for each in result["DurationHistogram"]["Percentiles"]}
        return Latency(percentiles[50], percentiles[99])

    def iperf3(self, port: int, seconds: int) -> Outcome:
        """One TCP stream, as much as it takes."""
        command = [self.tools.iperf3, "--client", "127.0.0.1", "--port", port, "--time", seconds, "--json"]
        for _ in range(BUSY_TRIES):
            result = json.loads(self._run(command, seconds))
            received = result["end"].get("sum_received")
            if received:
                return Outcome(1, received["seconds"], received["bytes"])
            # Its server takes one client at a time, and is still with the one before, or with a mere connection.
            time.sleep(0.5)
        raise Failed(f"iperf3: {result.get('error')}")

    def stream(self, port: int, seconds: int, streams: int) -> Outcome:
        """Messages on long gRPC streams, each answered before the next is sent."""
        result = self._own("stream", "-target", f"127.0.0.1:{port}", "-duration", f"{seconds}s", "-streams", streams, seconds=seconds)
        return Outcome(result["count"], result["seconds"])

    def handshakes(self, port: int, seconds: int, caller: Identity, root: pathlib.Path, resume: bool, hybrid: bool) -> tuple[Outcome, float]:
        """New mTLS connections with one request each; and the share of them that resumed a session. All proxies know X25519, not all the hybrid with ML-KEM."""
        result = self._own(
            "handshakes", "-target", f"127.0.0.1:{port}", "-duration", f"{seconds}s", "-certificate", caller.certificate, "-key", caller.key,
            "-root", root, f"-resume={str(resume).lower()}", f"-hybrid={str(hybrid).lower()}", seconds=seconds,
        )  # fmt: skip
        return Outcome(result["count"], result["seconds"]), result["resumed"] / result["count"]

    @contextlib.contextmanager
    def held(self, port: int, connections: int) -> Iterator[None]:
        """Keeps that many idle connections open, each after one request."""
        command = self._pinned([self.tools.own, "hold", "-target", f"127.0.0.1:{port}", "-connections", connections])
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            if process.stdout.readline().strip() != "held":
                raise Failed(f"hold: {process.stderr.read()}")
            yield
        finally:
            process.kill()
            process.communicate()

    @contextlib.contextmanager
    def services(self, address: int, origin: int, used: Sequence[int]) -> Iterator[Callable[[int], None]]:
        """A control plane on a local port; yields what sets the number of services, of which one is used through each listener."""
        command = [self.tools.own, "services", "-address", f"127.0.0.1:{address}", "-origin", origin, "-used", ",".join(map(str, used))]
        process = subprocess.Popen(self._pinned(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

        def serve(count: int) -> None:
            process.stdin.write(f"{count}\n")
            process.stdin.flush()
            if process.stdout.readline() != f"serving {count}\n":
                raise Failed(f"services: {process.stderr.read()}")

        try:
            yield serve
        finally:
            process.kill()
            process.communicate()

    def _own(self, *arguments: object, seconds: int) -> dict:
        return json.loads(self._run([self.tools.own, *arguments], seconds))

    def _run(self, command: Sequence[object], seconds: int) -> str:
        return run(self._pinned(command), timeout=seconds + GRACE)

    def _pinned(self, command: Sequence[object]) -> list[str]:
        processors = ",".join(str(processor) for processor in sorted(self.processors.others))
        return [str(word) for word in (TASKSET, "--cpu-list", processors, *command)]
