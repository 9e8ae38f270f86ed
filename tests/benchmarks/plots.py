"""Bars and curves as SVG, on logarithmic scales, readable on a light and on a dark page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor, log10

_WIDTH, _LEFT, _RIGHT = 720, 150, 90
_BAR, _GAP, _TOP, _BOTTOM = 22, 10, 44, 30


def bars(title: str, seconds: dict[str, float], *, ours: str) -> str:
    """An SVG with one bar for each name, shortest first; ``ours`` is in colour."""
    ordered = sorted(seconds.items(), key=lambda item: item[1])
    first, last = floor(log10(ordered[0][1]) - 0.3), ceil(log10(ordered[-1][1]))
    height = _TOP + len(ordered) * (_BAR + _GAP) + _BOTTOM
    span = _WIDTH - _LEFT - _RIGHT

    def position(value: float) -> float:
        return _LEFT + span * (log10(value) - first) / (last - first)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        f"<title>{escape(title)}</title>",
        "<style>text{font:13px system-ui,sans-serif;fill:#57606a}.t{font-weight:600}"
        ".g{stroke:#8c959f;stroke-opacity:.35}.o{fill:#1a7f37}.p{fill:#8c959f}</style>",
        f'<text class="t" x="8" y="22">{escape(title)}</text>',
    ]
    base = height - _BOTTOM
    for power in range(first, last + 1):
        x = position(10.0**power)
        parts.append(f'<path class="g" d="M{x:.1f} {_TOP - 8}V{base}"/>')
        parts.append(f'<text x="{x:.1f}" y="{base + 18}" text-anchor="middle">{_shown(10.0**power)}</text>')
    for row, (name, value) in enumerate(ordered):
        y = _TOP + row * (_BAR + _GAP)
        width, kind = position(value) - _LEFT, "o" if name == ours else "p"
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 16}" text-anchor="end">{escape(name)}</text>')
        parts.append(f'<rect class="{kind}" x="{_LEFT}" y="{y}" width="{width:.1f}" height="{_BAR}" rx="2"/>')
        parts.append(f'<text x="{_LEFT + width + 6:.1f}" y="{y + 16}">{_shown(value)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def curves(title: str, sizes: Sequence[int], seconds: Mapping[str, Sequence[float]]) -> str:
    """An SVG with one curve for each name; a dashed line shows linear growth."""
    left, top, width, height = 60, 44, 400, 380
    first, last = log10(sizes[0]), log10(sizes[-1])
    low = floor(log10(min(map(min, seconds.values()))))
    high = ceil(log10(max(map(max, seconds.values()))))

    def point(size: float, value: float) -> str:
        x = left + width * (log10(size) - first) / (last - first)
        return f"{x:.1f} {top + height * (high - log10(value)) / (high - low):.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top + height + 40}" role="img">',
        f"<title>{escape(title)}</title>",
        "<style>text{font:12px system-ui,sans-serif;fill:#57606a}.t{font-size:13px;font-weight:600}"
        ".g{stroke:#8c959f;stroke-opacity:.35}path{fill:none;stroke-width:1.6}</style>",
        f'<text class="t" x="8" y="22">{escape(title)}</text>',
    ]
    for power in range(low, high + 1):
        y = point(sizes[0], 10.0**power).split()[1]
        parts.append(f'<path class="g" d="M{left} {y}H{left + width}"/>')
        parts.append(f'<text x="{left - 6}" y="{y}" dy="4" text-anchor="end">{_shown(10.0**power)}</text>')
    for size in sizes:
        x = point(size, 10.0**low).split()[0]
        parts.append(f'<text x="{x}" y="{top + height + 18}" text-anchor="middle">{size:,}</text>')
    start = 10.0 ** (high - last + first)
    linear = f"M{point(sizes[0], start)}L{point(sizes[-1], 10.0**high)}"
    parts.append(f'<path d="{linear}" stroke="#8c959f" stroke-dasharray="5 4"/>')
    for number, (name, values) in enumerate(seconds.items()):
        colour = f"hsl({number * 360 // len(seconds)} 60% 45%)"
        line = "L".join(point(size, value) for size, value in zip(sizes, values, strict=True))
        row = top + 12 + number * 20
        parts.append(f'<path d="M{line}" stroke="{colour}"/>')
        parts.append(f'<path d="M{left + width + 14} {row}h16" stroke="{colour}" stroke-width="3"/>')
        parts.append(f'<text x="{left + width + 36}" y="{row + 4}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _shown(value: float) -> str:
    scale, unit = (1e6, "µs") if value < 1e-3 else (1e3, "ms") if value < 1 else (1.0, "s")
    return f"{value * scale:.3g} {unit}"
