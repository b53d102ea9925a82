"""What is measured, in the order in which the cluster grows."""

import dataclasses
import time
from collections.abc import Sequence

from comparison.process import Memory
from controlplane.charts import along
from controlplane.fleet import Fleet, Outcome
from controlplane.installation import Installation
from controlplane.report import Judged, Point, judged
from controlplane.quantiles import quantile, thirds
from demo.shell import say, step

MILLISECONDS = 1e3
PERCENT = 100
WARM_UP_RATE = 50


@dataclasses.dataclass(frozen=True)
class Plan:
    """How large and how long.

    Each of `services`, `endpoints` (of each service) and `proxies` grows through its sizes while the others stay. Rates are per second.
    """

    services: Sequence[int] = (100, 300, 1000)
    endpoints: Sequence[int] = (1, 4, 10)
    proxies: Sequence[int] = (100, 300, 1000)
    warm_up: int = 2000
    changes: int = 150
    change_rate: float = 15
    writes: int = 200
    write_rate: float = 8
    popular_writes: int = 300
    popular_rate: float = 3
    churn_seconds: int = 60
    churn_rate: float = 50
    rest_seconds: int = 30


FULL = Plan()
QUICK = Plan(
    services=(100, 300), endpoints=(1, 10), proxies=(100, 300), warm_up=500, changes=60, writes=60, popular_writes=30, churn_seconds=15, rest_seconds=10
)
# Services that have all their endpoints from the beginning, and how many those are; see bench/tools/controlplane.
ALWAYS_FULL, FULL_ENDPOINTS = 100, 10


class Measurements:
    """Rows and points of one run; what was measured stays there when something later fails."""

    def __init__(self, mesh: Installation, fleet: Fleet, plan: Plan) -> None:
        self.rows: list[Judged] = []
        self.points: list[Point] = []
        self._mesh, self._fleet, self._plan = mesh, fleet, plan
        self._memory: dict[int, Memory] = {}

    def run(self) -> None:
        self._fleet.grow("namespaces")
        self._grow()
        self._costs()
        self._rest()
        self._splits()
        self._churn()
        self._reconnect()

    def _grow(self) -> None:
        plan = self._plan
        self._add("services", plan.services[0])
        self._add("proxies", plan.proxies[0])
        with step("Warming up"):
            for what in ("slices", "splits"):
                self._fleet.write(what, plan.warm_up // 2, WARM_UP_RATE)
        services, endpoints, proxies = plan.services[0], plan.endpoints[0], plan.proxies[0]
        self._point(services, endpoints, proxies)
        for services in plan.services[1:]:
            self._add("services", services)
            self._point(services, endpoints, proxies)
        for endpoints in plan.endpoints[1:]:
            self._add("endpoints", endpoints)
            self._point(services, endpoints, proxies)
        for proxies in plan.proxies[1:]:
            self._add("proxies", proxies)
            self._point(services, endpoints, proxies)

    def _add(self, what: str, count: int) -> None:
        with step(f"{count:,} {what}"):
            self._fleet.grow(what, count)

    def _point(self, services: int, endpoints: int, proxies: int) -> None:
        every = ALWAYS_FULL * FULL_ENDPOINTS + (services - ALWAYS_FULL) * endpoints
        self._settle()
        memory = self._mesh.adapter.memory()
        self._memory[proxies] = memory
        with step(f"The cost of a change with {services:,} services, {every:,} endpoints, {proxies:,} proxies"):
            slices = self._cost("slices")
            splits = self._cost("splits")
        self.points.append(Point(services, every, proxies, splits, slices, memory.private))
        say(f"{splits:.2f} ms for a split, {slices:.2f} ms for a slice; {memory.private:.0f} MB private, {memory.resident:.0f} MB resident")

    def _cost(self, what: str) -> float:
        """Milliseconds of the adapter's processor time for one change, with all that follows from it."""
        before = self._mesh.adapter.cpu()
        self._fleet.write(what, self._plan.changes, self._plan.change_rate)
        self._mesh.await_rest()
        return (self._mesh.adapter.cpu() - before) / self._plan.changes * MILLISECONDS

    def _settle(self) -> None:
        with step("Waiting until the adapter has nothing to do"):
            self._mesh.await_rest()

    def _costs(self) -> None:
        """What the points come to."""
        fewest, most = self._plan.proxies[0], self._plan.proxies[-1]
        last = self._memory[most]
        work = f"{most:,} proxies"
        self.rows += [
            judged(work, "memory in all, resident", "MB", last.resident, must=600),
            judged(work, "memory in all, private", "MB", last.private, must=600),
        ]
        # The first point of all proxies before more were added is of the same cluster.
        for kind, value in (("resident", lambda memory: memory.resident), ("private", lambda memory: memory.private)):
            each = (value(last) - value(self._memory[fewest])) / (most - fewest)
            self.rows.append(judged(work, f"memory for each, {kind}", "MB", each, must=0.3, aim=0.1))
        for dimension in ("services", "endpoints", "proxies"):
            self.rows += growth(self.points, dimension)

    def _rest(self) -> None:
        self._settle()
        seconds = self._plan.rest_seconds
        with step(f"At rest for {seconds} s"):
            before, began = self._mesh.adapter.cpu(), time.monotonic()
            time.sleep(seconds)
            used = (self._mesh.adapter.cpu() - before) / (time.monotonic() - began)
        self.rows.append(judged("at rest", "CPU", "% of a core", used * PERCENT, must=3))

    def _splits(self) -> None:
        plan = self._plan
        for popular, count, rate in ((False, plan.writes, plan.write_rate), (True, plan.popular_writes, plan.popular_rate)):
            with step(f"{count} writes of {'the split that all proxies use' if popular else 'splits that few proxies use'}"):
                before = self._mesh.adapter.cpu()
                outcome = self._fleet.write("splits", count, rate, popular)
                used = self._mesh.adapter.cpu() - before
            work = f"split written, {max(outcome.concerned):,} proxies" if popular else f"split written, {_range(outcome.concerned)} proxies"
            self.rows += [
                judged(work, "until all have acknowledged it, p50", "ms", quantile(outcome.milliseconds, 0.5)),
                judged(work, "until all have acknowledged it, p99", "ms", quantile(outcome.milliseconds, 0.99), must=300, aim=50),
                judged(work, "CPU per write", "ms", used / count * MILLISECONDS),
            ]
            self._settle()

    def _churn(self) -> None:
        plan = self._plan
        with step(f"{plan.churn_rate:g} changes of endpoints a second for {plan.churn_seconds} s"):
            before, began = self._mesh.adapter.cpu(), time.monotonic()
            outcome = self._fleet.write("slices", int(plan.churn_seconds * plan.churn_rate), plan.churn_rate)
            used = (self._mesh.adapter.cpu() - before) / (time.monotonic() - began)
        waiting = self._mesh.scrape()["heddle_observation_queue"]
        work = f"endpoints change {plan.churn_rate:g} times a second, {plan.churn_seconds} s"
        first, last = thirds(outcome.milliseconds)
        self.rows += [
            judged(work, "rate not kept", "%", _short_of(outcome, plan.churn_rate), must=2),
            judged(work, "until all have acknowledged it, p50", "ms", quantile(outcome.milliseconds, 0.5)),
            judged(work, "until all have acknowledged it, p99", "ms", quantile(outcome.milliseconds, 0.99), must=300, aim=50),
            judged(work, "longest", "ms", max(outcome.milliseconds)),
            judged(work, "median of the last third, to that of the first", "", quantile(last, 0.5) / quantile(first, 0.5), must=1.5),
            judged(work, "changes waiting at the end", "", waiting, must=0),
            judged(work, "CPU", "% of a core", used * PERCENT),
        ]

    def _reconnect(self) -> None:
        self._settle()
        proxies = self._plan.proxies[-1]
        with step(f"{proxies:,} proxies reconnect at once"):
            before = self._mesh.adapter.cpu()
            outcome = self._fleet.reconnect()
            used = self._mesh.adapter.cpu() - before
        work = f"{proxies:,} proxies reconnect at once"
        self.rows += [
            judged(work, "until all are served", "s", outcome.seconds, must=10),
            judged(work, "resources sent again", "", outcome.resources, must=0),
            judged(work, "CPU for each", "ms", used / proxies * MILLISECONDS),
        ]
        # They follow as before.
        self._fleet.write("splits", 1, 1, popular=True)


def growth(points: Sequence[Point], dimension: str) -> list[Judged]:
    """How many times as much a change costs at the largest size as at the smallest."""
    run = along(points, dimension)
    work = f"{getattr(run[0], dimension):,} to {getattr(run[-1], dimension):,} {dimension}"
    return [
        judged(work, f"CPU of a changed {kind}, growth", "times", value(run[-1]) / value(run[0]), must=1.5)
        for kind, value in (("TrafficSplit", lambda point: point.split_cpu), ("EndpointSlice", lambda point: point.slice_cpu))
    ]


def _range(numbers: Sequence[int]) -> str:
    return f"{min(numbers)} to {max(numbers)}" if min(numbers) != max(numbers) else str(min(numbers))


def _short_of(outcome: Outcome, rate: float) -> float:
    """By how much the writes took longer than their rate allows."""
    due = len(outcome.milliseconds) / rate
    return max(0.0, (outcome.seconds - due - outcome.milliseconds[-1] / MILLISECONDS) / due * PERCENT)
