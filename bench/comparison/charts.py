"""The table as pictures, in SVG by hand: there is no plotting library to install."""

import pathlib
from collections.abc import Sequence
from html import escape

from comparison.report import PEERS, Measure, Row

COLOURS = {"heddle": "#2a6fdb", "envoy": "#b0453c", "haproxy": "#6b7280"}
NAMES = {"heddle": "Heddle", "envoy": "Envoy", "haproxy": "HAProxy"}
LABELS = 740  # pixels left of the bars
BARS = 420
LINE = 26
TOP = 48
WIDTH = LABELS + BARS + 220
LARGEST_RATIO = 3.0


def write(rows: Sequence[Row], folder: pathlib.Path) -> list[pathlib.Path]:
    """performance-ratios.svg: Heddle's ratio to Envoy; performance-cpu.svg: processor time per request of all three."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, picture in (("ratios", _ratios(rows)), ("cpu", _cpu(rows))):
        if picture:
            file = folder / f"performance-{name}.svg"
            file.write_text(picture)
            written.append(file)
    return written


def _ratios(rows: Sequence[Row]) -> str | None:
    shown = [(row, row.ratio("envoy")) for row in rows if row.ratio("envoy") is not None]
    if not shown:
        return None
    scale = BARS / LARGEST_RATIO
    parts = []
    for index, (row, ratio) in enumerate(shown):
        y = TOP + index * LINE
        parts.append(label(LABELS - 8, y + 15, f"{row.work}: {row.metric}", "end"))
        width = min(ratio, LARGEST_RATIO) * scale
        parts.append(_bar(y, width, COLOURS["heddle"]))
        if ratio > LARGEST_RATIO:
            parts.append(_break(y, width))
        must, end = "", width
        if row.must and row.must.measure is Measure.RATIO_TO_ENVOY:
            parts.append(_mark(y, row.must.bound * scale))
            end = max(end, row.must.bound * scale)
            must = f" (must {row.must.bound:g} {'or less' if row.must.at_most else 'or more'})"
        parts.append(label(LABELS + end + 6, y + 15, f"{ratio:.2f}{must}", "start"))
    bottom = TOP + len(shown) * LINE
    parts.append(f'<line x1="{LABELS + scale:.0f}" y1="{TOP - 6}" x2="{LABELS + scale:.0f}" y2="{bottom}" stroke="{COLOURS["envoy"]}" stroke-dasharray="4 3"/>')
    parts.append(label(LABELS + scale, TOP - 10, "Envoy = 1", "middle"))
    return canvas("Heddle's proxy, as a ratio to Envoy in the same round", parts, WIDTH, bottom)


def _cpu(rows: Sequence[Row]) -> str | None:
    shown = [row for row in rows if row.unit.startswith("us of CPU")]
    if not shown:
        return None
    largest = max(row.median(peer) or 0 for row in shown for peer in PEERS)
    parts, y = [], TOP
    for row in shown:
        parts.append(label(LABELS - 8, y + LINE + 8, row.work, "end"))
        for peer in PEERS:
            median = row.median(peer)
            if median is not None:
                width = median / largest * BARS
                parts.append(_bar(y, width, COLOURS[peer]))
                parts.append(label(LABELS + width + 6, y + 15, f"{NAMES[peer]} {median:.1f} us", "start"))
            y += LINE - 4
        y += 12
    return canvas("Processor time of the proxies per request", parts, WIDTH, y)


def canvas(title: str, parts: Sequence[str], width: float, bottom: float) -> str:
    height = bottom + 12
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height:.0f}" viewBox="0 0 {width} {height:.0f}" '
        'font-family="system-ui, sans-serif" font-size="13" fill="#1f2937">\n'
        f'<rect width="100%" height="100%" fill="#ffffff"/>\n<text x="12" y="22" font-size="16" font-weight="600">{escape(title)}</text>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _bar(y: float, width: float, colour: str) -> str:
    return f'<rect x="{LABELS}" y="{y + 3:.0f}" width="{max(width, 1):.1f}" height="{LINE - 10}" rx="2" fill="{colour}"/>'


def _break(y: float, width: float) -> str:
    """A bar that would be longer."""
    x = LABELS + width - 24
    return f'<path d="M{x:.0f} {y + LINE - 6} l8 {10 - LINE} h6 l-8 {LINE - 10} z" fill="#ffffff"/>'


def _mark(y: float, x: float) -> str:
    return f'<line x1="{LABELS + x:.1f}" y1="{y}" x2="{LABELS + x:.1f}" y2="{y + LINE - 4}" stroke="#111827" stroke-width="2"/>'


def label(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
