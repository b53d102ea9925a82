"""How the cost of one change, and the memory, grow with the cluster: one picture for each of services, endpoints and proxies."""

import pathlib
from collections.abc import Callable, Sequence

from comparison.charts import COLOURS, canvas, label
from controlplane.report import Point

DIMENSIONS = ("services", "endpoints", "proxies")
LEFT, TOP, WIDTH, HEIGHT, GAP = 60, 70, 300, 180, 90
SPLIT, SLICE = COLOURS["heddle"], COLOURS["envoy"]


def write(points: Sequence[Point], folder: pathlib.Path) -> list[pathlib.Path]:
    """control-plane-growth-cpu.svg and -memory.svg; the points of a dimension are those that differ from their neighbour in it alone."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, title, series in (
        ("cpu", "The adapter's processor time for one change, in ms", [("TrafficSplit", SPLIT, _split), ("EndpointSlice", SLICE, _slice)]),
        ("memory", "The adapter's private memory, in MB", [("", SPLIT, _memory)]),
    ):
        file = folder / f"control-plane-growth-{name}.svg"
        file.write_text(picture(points, title, series))
        written.append(file)
    return written


def along(points: Sequence[Point], dimension: str) -> list[Point]:
    """The longest run of points that grow in this dimension alone; services bring their endpoints with them."""
    brought = {"services": {"endpoints"}}.get(dimension, set())
    others = [other for other in DIMENSIONS if other != dimension and other not in brought]
    runs: list[list[Point]] = [[point] for point in points[:1]]
    for before, point in zip(points, points[1:]):
        if getattr(point, dimension) > getattr(before, dimension) and all(getattr(point, other) == getattr(before, other) for other in others):
            runs[-1].append(point)
        else:
            runs.append([point])
    return max(runs, key=len, default=[])


def picture(points: Sequence[Point], title: str, series: Sequence[tuple[str, str, Callable[[Point], float]]]) -> str:
    highest = max((value(point) for point in points for _, _, value in series), default=1) * 1.15 or 1
    parts = []
    for index, dimension in enumerate(DIMENSIONS):
        left = LEFT + index * (WIDTH + GAP)
        parts += _axes(left, highest, dimension)
        run = along(points, dimension)
        largest = max((getattr(point, dimension) for point in run), default=1)
        for name, colour, value in series:
            places = [(left + getattr(point, dimension) / largest * WIDTH, TOP + HEIGHT - value(point) / highest * HEIGHT, point) for point in run]
            parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y, _ in places)}"/>')
            for x, y, point in places:
                parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>')
                parts.append(label(x, y - 8, f"{value(point):.3g}", "middle"))
                parts.append(label(x, TOP + HEIGHT + 16, f"{getattr(point, dimension):,}", "middle"))
    for index, (name, colour, _) in enumerate(each for each in series if each[0]):
        parts.append(f'<circle cx="{LEFT + index * 130}" cy="44" r="4" fill="{colour}"/>')
        parts.append(label(LEFT + index * 130 + 10, 48, name, "start"))
    return canvas(title, parts, LEFT + len(DIMENSIONS) * (WIDTH + GAP), TOP + HEIGHT + 50)


def _axes(left: float, highest: float, dimension: str) -> list[str]:
    bottom = TOP + HEIGHT
    parts = [f'<path d="M{left} {TOP} V{bottom} H{left + WIDTH}" fill="none" stroke="#9ca3af"/>', label(left + WIDTH / 2, bottom + 34, dimension, "middle")]
    return [*parts, label(left - 6, bottom, "0", "end"), label(left - 6, TOP + 10, f"{highest:.3g}", "end")]


def _split(point: Point) -> float:
    return point.split_cpu


def _slice(point: Point) -> float:
    return point.slice_cpu


def _memory(point: Point) -> float:
    return point.memory
