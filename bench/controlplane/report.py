"""Rows of the control plane's table, judged; as JSON and Markdown."""

import dataclasses
import json
import pathlib
from collections.abc import Mapping, Sequence

from comparison.report import Measure, Must, Row, facts_as_markdown, rounded, short

NAME = "control-plane-report"


@dataclasses.dataclass(frozen=True)
class Judged:
    """A row of Heddle alone, what it has to reach, and what it should."""

    row: Row
    aim: Must | None = None

    def json(self) -> dict:
        return {
            "work": self.row.work,
            "metric": self.row.metric,
            "unit": self.row.unit,
            "heddle": rounded(self.row.median("heddle")),
            "must": _text(self.row.must),
            "aim": _text(self.aim),
            "met": self._met(self.row.must),
            "aim_met": self._met(self.aim),
        }

    def _met(self, bound: Must | None) -> bool | None:
        return bound.met(self.row) if bound else None


@dataclasses.dataclass(frozen=True)
class Point:
    """What a cluster of some size costs: the adapter's processor time for one change, in milliseconds, and its private memory in megabytes."""

    services: int
    endpoints: int
    proxies: int
    split_cpu: float
    slice_cpu: float
    memory: float


def judged(work: str, metric: str, unit: str, value: float, must: float | None = None, aim: float | None = None) -> Judged:
    """Less is better in every row."""
    return Judged(Row(work, metric, unit, {"heddle": [value]}, _at_most(must)), _at_most(aim))


def write(rows: Sequence[Judged], points: Sequence[Point], facts: Mapping[str, Mapping[str, object]], folder: pathlib.Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{NAME}.json").write_text(json.dumps([each.json() for each in rows], indent=2) + "\n")
    (folder / "control-plane-growth.json").write_text(json.dumps([dataclasses.asdict(point) for point in points], indent=2) + "\n")
    (folder / "control-plane-machine.json").write_text(json.dumps(facts, indent=2) + "\n")
    (folder / f"{NAME}.md").write_text(markdown(rows, points, facts))


def markdown(rows: Sequence[Judged], points: Sequence[Point], facts: Mapping[str, Mapping[str, object]]) -> str:
    answers = {True: "yes", False: "**no**", None: ""}
    lines = ["| work | metric | Heddle | must | met | aim | met |", "|---|---|---:|---|---|---|---|"]
    for each in rows:
        told = each.json()
        value = short(each.row.median("heddle"))
        cells = [told["work"], f"{told['metric']}, {told['unit']}", value, told["must"] or "", answers[told["met"]], told["aim"] or "", answers[told["aim_met"]]]
        lines.append("| " + " | ".join(cells) + " |")
    if points:
        lines += ["", "| services | endpoints | proxies | CPU per changed split, ms | CPU per changed EndpointSlice, ms | private memory, MB |", "|---:|---:|---:|---:|---:|---:|"]
        lines += [
            f"| {point.services:,} | {point.endpoints:,} | {point.proxies:,} | {short(point.split_cpu)} | {short(point.slice_cpu)} | {short(point.memory)} |"
            for point in points
        ]
    return "\n".join([*lines, "", *facts_as_markdown(facts)]) + "\n"


def _at_most(bound: float | None) -> Must | None:
    return None if bound is None else Must(bound, at_most=True, measure=Measure.VALUE)


def _text(bound: Must | None) -> str | None:
    return str(bound) if bound else None
