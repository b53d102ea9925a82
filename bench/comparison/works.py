"""What is measured: one function per work, each returns rows of the table."""

import dataclasses
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from demo.shell import say

from comparison import bootstrap, ports, rounds
from comparison.certificates import Certificates
from comparison.load import Outcome, TooSlow
from comparison.peers import BOOTSTRAP_PEERS, PEERS, Bench
from comparison.process import Process
from comparison.report import Measure, Must, Row
from comparison.stage import PAGES_RELEASED, Chain, Stage, await_rest, settle, steady_memory
from comparison.task import Destination, Protocol, Task

MICROSECONDS = 1e6
MEGABYTE = 1e6
LATENCY_RATE = 1000  # requests per second
LATENCY_CONNECTIONS = 8
STARTS = 7
# By what the row says: whether sessions are resumed, and whether the client offers ML-KEM.
HANDSHAKES = {
    "full handshakes": (False, False),
    "sessions resumed where the proxy lets it": (True, False),
    "full handshakes, with ML-KEM where the proxy knows it": (False, True),
}
SERVICES_USED = 3
SLICE = 3  # seconds of load at a time while warming up
WARM = 0.05  # a lesser gain from one slice to the next is none
STEADY = 3  # slices in a row without gain: a JVM pauses on its way, while the second compiler's queue is long
SATURATING = 32  # HTTP/1.1 connections
READINGS = 3


@dataclasses.dataclass(frozen=True)
class Plan:
    """How long everything takes: rounds, seconds of load per round and proxy, at most so many seconds of load before the first round."""

    rounds: int
    seconds: int
    warm_up: int


QUICK = Plan(rounds=3, seconds=2, warm_up=24)
FULL = Plan(rounds=5, seconds=3, warm_up=36)

Argument = TypeVar("Argument")
Load = Callable[[Chain, int], Outcome]
Work = Callable[[Bench, Certificates, Plan], list[Row]]


def http1_single(bench: Bench, certificates: Certificates, plan: Plan) -> list[Row]:
    """HTTP/1.1, 200-byte answers, one proxy at saturation."""
    work = "HTTP/1.1, one proxy, saturation"
    with Stage(bench, certificates) as stage:
        served = stage.origin()
        chains = {peer: stage.single(peer, served, Protocol.HTTP1) for peer in PEERS}
        samples = _saturate(chains, _http1(stage), plan, work)
    return [
        _row(work, "CPU per request", "us of CPU", samples, "cpu", Must(0.70, at_most=True)),
        _row(work, "throughput", "requests/s", samples, "rate", Must(1.4, at_most=False)),
    ]


def pair_saturation(bench: Bench, certificates: Certificates, plan: Plan) -> list[Row]:
    """HTTP/1.1 clients, two proxies, mTLS between them over HTTP/1.1 and over HTTP/2; and the memory that the client's proxy then has."""
    return _pair_saturation(bench, certificates, plan, (Protocol.HTTP1, Protocol.HTTP2))


def pair_saturation_quick(bench: Bench, certificates: Certificates, plan: Plan) -> list[Row]:
    """Only with HTTP/1.1 between the two."""
    return _pair_saturation(bench, certificates, plan, (Protocol.HTTP1,))


def _pair_saturation(bench: Bench, certificates: Certificates, plan: Plan, protocols: Sequence[Protocol]) -> list[Row]:
    title = "two proxies, mTLS, saturation"
    variants = {(peer, between): f"{peer} {between.value}" for between in protocols for peer in PEERS}
    with Stage(bench, certificates) as stage:
        served = stage.origin()
        chains = {name: stage.pair(peer, served, between) for (peer, between), name in variants.items()}
        samples = _saturate(chains, _http1(stage), plan, title)
        # A page that another proxy has given back counts as private to the one that has yet to do so.
        settle(PAGES_RELEASED)
        memory = {name: chain.client.memory() for name, chain in chains.items()}
    by_protocol = {between: {peer: samples[variants[peer, between]] for peer in PEERS} for between in protocols}
    rows = []
    for between, of_peers in by_protocol.items():
        work = f"{title}, {between.value} between"
        rows.append(_row(work, "CPU per request of both", "us of CPU", of_peers, "cpu", Must(0.80, at_most=True)))
        rows.append(_row(work, "throughput", "requests/s", of_peers, "rate", None))
    if len(protocols) > 1:
        rows.append(_each_its_best(f"{title}, each its best", by_protocol))
    for metric, bound in (("resident", 110.0), ("private", 65.0)):
        values = {peer: [getattr(memory[variants[peer, Protocol.HTTP1]], metric)] for peer in PEERS}
        rows.append(Row("client's proxy after the load", f"{metric} memory", "MB", values, Must(bound, at_most=True, measure=Measure.VALUE)))
    return rows


def _each_its_best(work: str, by_protocol: Mapping[Protocol, Mapping[str, Sequence[rounds.Sample]]]) -> Row:
    """Heddle's own choice keeps the client's protocol; the others get the one they are cheaper with."""
    best = {peer: min((of_peers[peer] for of_peers in by_protocol.values()), key=_typical_cpu) for peer in PEERS}
    best["heddle"] = by_protocol[Protocol.HTTP1]["heddle"]
    return _row(work, "CPU per request of both", "us of CPU", best, "cpu", Must(0.80, at_most=True))


def pair_latency(bench: Bench, certificates: Certificates, plan: Plan) -> list[Row]:
    """What the pair adds to the latency of an HTTP/1.1 request at a constant rate, against no proxy at all in the same round."""
    rows = []
    for between in (Protocol.HTTP1, Protocol.HTTP2):
        work = f"two proxies, mTLS, {LATENCY_RATE:,}/s, {between.value} between"
        with Stage(bench, certificates) as stage:
            served = stage.origin()
            entries = {"direct": next(iter(served))}
            chains = {peer: stage.pair(peer, served, between) for peer in PEERS}
            entries |= {peer: chain.port for peer, chain in chains.items()}
            for peer, chain in chains.items():
                _warm_up(chain, _http1(stage), plan, f"{work}: {peer} at saturation")
                # What is hot at this rate differs from what is at saturation: requests come one by one.
                _warm_up(chain, _at_rate(stage), dataclasses.replace(plan, warm_up=plan.warm_up // 2), f"{work}: {peer}")
            for chain in chains.values():
                await_rest(chain)

            def measure(port: int, stage: Stage = stage) -> rounds.Sample:
                latency = stage.loads.fortio(port, plan.seconds, LATENCY_RATE, LATENCY_CONNECTIONS)
                return {"p50": latency.p50, "p99": latency.p99}

            samples = rounds.alternate({name: _bind(measure, port) for name, port in entries.items()}, plan.rounds, work)
        for metric in ("p50", "p99"):
            added = {
                peer: [through - without for through, without in zip(rounds.of(samples[peer], metric), rounds.of(samples["direct"], metric), strict=True)]
                for peer in PEERS
            }
            rows.append(Row(work, f"latency added at {metric}", "ms", added, Must(1.0, at_most=True)))
    return rows


def grpc(bench: Bench, certificates: Certificates, plan: Plan) -> list[Row]:
    """gRPC through the pair, HTTP/2 all the way: unary calls, and messages on long streams."""
    rows = []
    with Stage(bench, certificates) as stage:
        served = stage.own_server(Protocol.HTTP2)
        chains = {peer: stage.pair(peer, served, Protocol.HTTP2, Protocol.HTTP2) for peer in PEERS}
        loads: Mapping[str, Load] = {
            "call": lambda chain, seconds: stage.loads.h2load(chain.port, seconds, 4, 8),
            "message": lambda chain, seconds: stage.loads.stream(chain.port, seconds, SATURATING),
        }
        for each, load in loads.items():
            work = f"gRPC through two proxies, mTLS, {'unary' if each == 'call' else 'streaming'}"
            samples = _saturate(chains, load, plan, work)
            rows.append(_row(work, f"CPU per {each} of both", "us of CPU", samples, "cpu", Must(0.80, at_most=True)))
            rows.append(_row(work, "throughput", f"{each}s/s", samples, "rate", None))
    return rows


def bulk(bench: Bench, certificates: Certificates, plan: Plan) -> list[Row]:
    """Bytes per second of processor time: answers of a megabyte, and a plain TCP stream."""
    rows = []
    with Stage(bench, certificates) as stage:
        served = stage.own_server(Protocol.HTTP1)
        chains = {peer: stage.single(peer, served, Protocol.HTTP1) for peer in PEERS}
        work = "answers of 1 MB, one proxy"
        samples = _saturate(chains, lambda chain, seconds: stage.loads.wrk(chain.port, seconds, 8), plan, work)
        rows.append(_row(work, "bytes per CPU second", "MB", samples, "megabytes_per_cpu", Must(1.0, at_most=False)))
    with Stage(bench, certificates) as stage:
        served = stage.iperf3_server()
        chains = {peer: stage.single(peer, served, Protocol.TCP) for peer in PEERS}
        work = "one TCP stream, one proxy"
        samples = _saturate(chains, lambda chain, seconds: stage.loads.iperf3(chain.port, seconds), plan, work)
        rows.append(_row(work, "bytes per CPU second", "MB", samples, "megabytes_per_cpu", Must(0.8, at_most=False, measure=Measure.RATIO_TO_HAPROXY)))
    return rows


def connections(bench: Bench, certificates: Certificates, plan: Plan) -> list[Row]:
    """New mTLS connections with one request each at the server's proxy."""
    rows = []
    with Stage(bench, certificates) as stage:
        served = stage.origin()
        chains = {peer: stage.server_side(peer, served) for peer in PEERS}
        for kind, (resume, hybrid) in HANDSHAKES.items():
            work = f"new mTLS connections, {kind}"
            shares: dict[int, list[float]] = {}

            def load(chain: Chain, seconds: int, resume: bool = resume, hybrid: bool = hybrid, shares: dict[int, list[float]] = shares) -> Outcome:
                outcome, share = stage.loads.handshakes(chain.port, seconds, certificates.client, certificates.root, resume, hybrid)
                shares.setdefault(chain.port, []).append(share)
                return outcome

            # Of those with ML-KEM nothing is asked: they are shown.
            samples = _saturate(chains, load, QUICK if hybrid else plan, work)
            rows.append(_row(work, "connections per CPU second", "1/s", samples, "per_cpu", None if hybrid else Must(1.0, at_most=False)))
            if resume:
                resumed = {peer: [statistics.median(shares[chain.port]) * 100] for peer, chain in chains.items()}
                rows.append(Row(work, "share of connections that resumed", "%", resumed, None))
    return rows


def start(bench: Bench, certificates: Certificates, plan: Plan) -> list[Row]:
    """From the start of the process to the first request answered through it; on all processors, as where nothing else runs yet."""
    everywhere = dataclasses.replace(bench.processors, proxies=bench.processors.proxies | bench.processors.others)
    with Stage(dataclasses.replace(bench, processors=everywhere), certificates) as stage:
        served = stage.origin()

        def measure(peer: str) -> rounds.Sample:
            task = Task(ports.free(), Destination(served, Protocol.HTTP1))
            process = stage.process(peer, task)
            ports.await_answer(task.listen, process)
            took = time.monotonic() - process.started
            process.kill()
            return {"seconds": took}

        samples = rounds.alternate({peer: _bind(measure, peer) for peer in PEERS}, max(plan.rounds, STARTS), "start")
    return [_row("start of the process", "to the first answer", "s", samples, "seconds", Must(1.0, at_most=True, measure=Measure.VALUE))]


def idle(bench: Bench, certificates: Certificates, plan: Plan) -> list[Row]:
    """What each of many idle connections costs; each had one request."""
    # HAProxy takes two files for each.
    count = min(10_000, bench.files // 2 - 500)
    plan = _brief(plan)
    samples: dict[str, list[float]] = {}
    with Stage(bench, certificates) as stage:
        served = stage.origin()
        for peer in PEERS:
            chain = stage.single(peer, served, Protocol.HTTP1)
            _warm_up(chain, _http1(stage), plan, f"idle: {peer}")
            settle()
            before = chain.client.memory().private
            with stage.loads.held(chain.port, count):
                settle()
                samples[peer] = [(chain.client.memory().private - before) * 1024 / count]
    return [Row(f"{count:,} idle connections", "private memory per connection", "kB", samples, Must(20, at_most=True, measure=Measure.VALUE))]


def growth(bench: Bench, certificates: Certificates, plan: Plan) -> list[Row]:
    """What a proxy that uses three services pays for those that it does not use. HAProxy has no control plane to ask."""
    few, many = 10, 10_000
    plan = _brief(plan)
    samples: dict[str, list[float]] = {}
    with Stage(bench, certificates) as stage:
        origin = next(iter(stage.origin()))
        for peer, proxy in BOOTSTRAP_PEERS.items():
            address, used = ports.free(), [ports.free() for _ in range(SERVICES_USED)]
            with stage.loads.services(address, origin, used) as serve:
                serve(few)
                process = proxy.serve(bench, bootstrap.dynamic("bench", address, ports.free()))
                stage.callback(process.close)
                for port in used:
                    ports.await_answer(port, process)

                load = _http1(stage)
                _warm_up(Chain(used[0], [process]), load, plan, f"growth: {peer}")

                def used_memory(count: int, serve: Callable[[int], None] = serve, used: list[int] = used, process: Process = process, load: Load = load) -> float:
                    serve(count)
                    for port in used:
                        load(Chain(port, [process]), 1)
                    return steady_memory(process)

                # Of each size the same work as often, and its median: a runtime frees memory when it sees fit.
                taken = {count: [used_memory(count) for _ in range(READINGS)] for count in (few, many)}
                for count, readings in taken.items():
                    say(f"growth: {peer}, {count:,} services: " + " ".join(f"{reading:.2f}" for reading in readings) + " MB")
                samples[peer] = [statistics.median(taken[many]) - statistics.median(taken[few])]
                process.close()
    work = f"the cluster grows from {few} to {many:,} services, {SERVICES_USED} used"
    return [Row(work, "growth of private memory that was written", "MB", samples, Must(2, at_most=True, measure=Measure.VALUE))]


WORKS: Mapping[str, Work] = {
    "http1": http1_single,
    "pair": pair_saturation,
    "pair-quick": pair_saturation_quick,
    "latency": pair_latency,
    "grpc": grpc,
    "bulk": bulk,
    "connections": connections,
    "start": start,
    "idle": idle,
    "growth": growth,
}
QUICK_WORKS = ("http1", "pair-quick")
FULL_WORKS = tuple(work for work in WORKS if work != "pair-quick")


def _brief(plan: Plan) -> Plan:
    """For works that look only at what something adds to a proxy's memory."""
    return dataclasses.replace(plan, warm_up=QUICK.warm_up // 2)


def _saturate(chains: Mapping[str, Chain], load: Load, plan: Plan, title: str) -> dict[str, list[rounds.Sample]]:
    for name, chain in chains.items():
        _warm_up(chain, load, plan, f"{title}: {name}")
    return rounds.alternate({name: _bind(lambda chain: _measure(chain, load, plan.seconds), chain) for name, chain in chains.items()}, plan.rounds, title)


def _http1(stage: Stage) -> Load:
    return lambda chain, seconds: stage.loads.wrk(chain.port, seconds, SATURATING)


def _at_rate(stage: Stage) -> Load:
    def load(chain: Chain, seconds: int) -> Outcome:
        stage.loads.fortio(chain.port, seconds, LATENCY_RATE, LATENCY_CONNECTIONS)
        return Outcome(LATENCY_RATE * seconds, seconds)

    return load


def _measure(chain: Chain, load: Load, seconds: int) -> rounds.Sample:
    before = chain.cpu()
    outcome = load(chain, seconds)
    used = chain.cpu() - before
    return {
        "cpu": used / outcome.count * MICROSECONDS,
        "rate": outcome.count / outcome.seconds,
        "per_cpu": outcome.count / used,
        "megabytes_per_cpu": outcome.size / used / MEGABYTE,
    }


def _warm_up(chain: Chain, load: Load, plan: Plan, title: str) -> None:
    """Until some slices of load in a row cost hardly less than those before, which is when a JVM has compiled what is hot; the same rule for all."""
    costs: list[float] = []
    idle = 0
    for _ in range(plan.warm_up // SLICE):
        try:
            cost = _measure(chain, load, SLICE)["cpu"]
        except TooSlow as slow:
            # A cold chain on a machine that others use too; the rounds that count do not forgive it.
            say(f"{title} is not warm yet: {slow}")
            continue
        idle = idle + 1 if costs and cost > min(costs) * (1 - WARM) else 0
        costs.append(cost)
        if idle == STEADY:
            break
    say(f"{title} warmed up: " + " ".join(f"{cost:.3g}" for cost in costs) + " us")


def _bind(measure: Callable[[Argument], rounds.Sample], argument: Argument) -> Callable[[], rounds.Sample]:
    return lambda: measure(argument)


def _row(work: str, metric: str, unit: str, samples: Mapping[str, Sequence[rounds.Sample]], name: str, must: Must | None) -> Row:
    return Row(work, metric, unit, {peer: rounds.of(taken, name) for peer, taken in samples.items()}, must)


def _typical_cpu(samples: Sequence[rounds.Sample]) -> float:
    return statistics.median(rounds.of(samples, "cpu"))
