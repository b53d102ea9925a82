"""Rows of the table, judged; as JSON and Markdown."""

import dataclasses
import enum
import json
import pathlib
import statistics
from collections.abc import Mapping, Sequence

from comparison import rounds

PEERS = ("heddle", "envoy", "haproxy")


class Measure(enum.Enum):
    RATIO_TO_ENVOY = "of Envoy"
    RATIO_TO_HAPROXY = "of HAProxy"
    VALUE = ""


@dataclasses.dataclass(frozen=True)
class Must:
    """A bound on Heddle: on its ratio to a peer in the same round, or on its value."""

    bound: float
    at_most: bool
    measure: Measure = Measure.RATIO_TO_ENVOY

    def __str__(self) -> str:
        return f"{'<=' if self.at_most else '>='} {self.bound:g} {self.measure.value}".rstrip()

    def met(self, row: "Row") -> bool | None:
        """None if it cannot be told."""
        match self.measure:
            case Measure.RATIO_TO_ENVOY:
                reached = row.ratio("envoy")
            case Measure.RATIO_TO_HAPROXY:
                reached = row.ratio("haproxy")
            case Measure.VALUE:
                reached = row.median("heddle")
        if reached is None:
            return None
        return reached <= self.bound if self.at_most else reached >= self.bound


@dataclasses.dataclass(frozen=True)
class Row:
    """One metric of one work; `samples` by peer, round by round."""

    work: str
    metric: str
    unit: str
    samples: Mapping[str, Sequence[float]]
    must: Must | None

    def median(self, peer: str) -> float | None:
        values = self.samples.get(peer)
        return statistics.median(values) if values else None

    def ratio(self, peer: str) -> float | None:
        if not self.samples.get("heddle") or not self.samples.get(peer):
            return None
        return rounds.ratio(self.samples["heddle"], self.samples[peer])

    def json(self) -> dict:
        ratio = self.ratio("envoy")
        return {
            "work": self.work,
            "metric": self.metric,
            "unit": self.unit,
            **{peer: rounded(self.median(peer)) for peer in PEERS},
            "ratio_to_envoy": rounded(ratio),
            "ratio_to_haproxy": rounded(self.ratio("haproxy")),
            "must": str(self.must) if self.must else None,
            "met": self.must.met(self) if self.must else None,
            "spread": {peer: [rounded(min(values)), rounded(max(values))] for peer, values in self.samples.items() if values},
            "rounds": len(self.samples["heddle"]),
        }


def write(rows: Sequence[Row], facts: Mapping[str, Mapping[str, object]], folder: pathlib.Path) -> None:
    """report.json, report.md and, on what and how it was measured, machine.json."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps([row.json() for row in rows], indent=2) + "\n")
    (folder / "machine.json").write_text(json.dumps(facts, indent=2) + "\n")
    (folder / "report.md").write_text(markdown(rows, facts))


def markdown(rows: Sequence[Row], facts: Mapping[str, Mapping[str, object]]) -> str:
    lines = [
        "| work | metric | Heddle | Envoy | HAProxy | to Envoy | must | met |",
        "|---|---|---:|---:|---:|---:|---|---|",
    ]
    for row in rows:
        ratio = row.ratio("envoy")
        must = str(row.must) if row.must else ""
        met = {True: "yes", False: "**no**", None: ""}[row.must.met(row) if row.must else None]
        cells = [row.work, f"{row.metric}, {row.unit}", *(_cell(row, peer) for peer in PEERS), f"{ratio:.2f}" if ratio is not None else "", must, met]
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", "Medians; in brackets the least and the greatest of the rounds. *To Envoy* is the median of the ratios of each round.", ""]
    return "\n".join([*lines, *facts_as_markdown(facts)]) + "\n"


def facts_as_markdown(facts: Mapping[str, Mapping[str, object]]) -> list[str]:
    return [f"- {title}: " + "; ".join(f"{name} {value}" for name, value in values.items()) for title, values in facts.items()]


def _cell(row: Row, peer: str) -> str:
    median = row.median(peer)
    if median is None:
        return ""
    values = row.samples[peer]
    spread = f" ({short(min(values))}-{short(max(values))})" if len(values) > 1 else ""
    return short(median) + spread


def short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")
