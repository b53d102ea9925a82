"""What many numbers come to."""

import math
from collections.abc import Sequence


def quantile(values: Sequence[float], share: float) -> float:
    """The least of them that this share of them does not exceed (nearest rank)."""
    if not values:
        raise ValueError("values: none (expected: at least one)")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def thirds(values: Sequence[float]) -> tuple[Sequence[float], Sequence[float]]:
    """The first third and the last, in the order in which they were taken."""
    size = max(1, len(values) // 3)
    return values[:size], values[-size:]
