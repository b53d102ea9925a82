"""The cluster's objects and its proxies: one process of bench-tools that obeys orders."""

import dataclasses
import json
import pathlib
import select
import subprocess
from collections.abc import Sequence

from comparison.process import TAIL
from controlplane import installation
from controlplane.apiserver import TOKEN, ApiServer
from demo.shell import Failed

LONGEST = 660  # seconds of one order
ENDING = 30


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What an order came to.

    `milliseconds` and `concerned` are by write: how long until the last proxy concerned had acknowledged it, and how many those were.
    """

    seconds: float
    resources: int
    milliseconds: Sequence[float] = ()
    concerned: Sequence[int] = ()


class Fleet:
    """Serves orders until it is closed."""

    def __init__(self, tools: pathlib.Path, api: ApiServer, trust_anchors: pathlib.Path, log: pathlib.Path) -> None:
        self._log = log
        with log.open("w") as output:
            self._process = subprocess.Popen(
                [tools, "control-plane", "-api", api.url, "-token", TOKEN, "-api-root", api.root, "-ca", f"127.0.0.1:{installation.CA_PORT}",
                 "-adapter", f"127.0.0.1:{installation.ADAPTER_PORT}", "-trust-anchors", trust_anchors, "-mesh-namespace", installation.NAMESPACE],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output, text=True,
            )  # fmt: skip

    def grow(self, what: str, count: int = 0) -> Outcome:
        """Until there are so many `services`, `endpoints` of each service, or `proxies`."""
        return self._order({"do": what, "count": count})

    def write(self, what: str, count: int, rate: float, popular: bool = False) -> Outcome:
        """Writes `splits` or `slices` so many times, so many in a second."""
        return self._order({"do": what, "count": count, "rate": rate, "popular": popular})

    def reconnect(self) -> Outcome:
        return self._order({"do": "reconnect"})

    def close(self) -> None:
        self._process.stdin.close()
        try:
            self._process.wait(ENDING)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def _order(self, order: dict) -> Outcome:
        try:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError as broken:
            raise Failed(f"{order}: the proxies have ended:\n{self._tail()}") from broken
        ready, _, _ = select.select([self._process.stdout], [], [], LONGEST)
        line = self._process.stdout.readline() if ready else ""
        if not line:
            raise Failed(f"{order}: no outcome:\n{self._tail()}")
        return Outcome(**json.loads(line))

    def _tail(self) -> str:
        return self._log.read_text()[-TAIL:]
