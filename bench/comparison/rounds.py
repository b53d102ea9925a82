"""Taking turns, so that whatever else the machine does meets all alike."""

import statistics
from collections.abc import Callable, Mapping, Sequence

from demo.shell import say

Sample = Mapping[str, float]


def alternate(contestants: Mapping[str, Callable[[], Sample]], rounds: int, title: str) -> dict[str, list[Sample]]:
    """Each once per round, another first each time; what each measured, round by round."""
    samples: dict[str, list[Sample]] = {name: [] for name in contestants}
    names = list(contestants)
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            samples[name].append(contestants[name]())
        say(f"{title}: round {turn + 1} of {rounds}: " + ", ".join(f"{name} {shown(samples[name][-1])}" for name in names))
    return samples


def shown(sample: Sample) -> str:
    return " ".join(f"{metric}={value:.4g}" for metric, value in sample.items())


def of(samples: Sequence[Sample], metric: str) -> list[float]:
    return [sample[metric] for sample in samples]


def ratio(one: Sequence[float], other: Sequence[float]) -> float | None:
    """The median of the ratios, each of one round; None where there is nothing to divide by."""
    pairs = [first / second for first, second in zip(one, other, strict=True) if second > 0]
    return statistics.median(pairs) if len(pairs) == len(one) and pairs else None
