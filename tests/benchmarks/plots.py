"""Horizontal bars as SVG, on a logarithmic scale, readable on a light and on a dark page."""

from __future__ import annotations

from html import escape
from math import ceil, floor, log10

_WIDTH, _LEFT, _RIGHT = 720, 150, 90
_BAR, _GAP, _TOP, _BOTTOM = 22, 10, 44, 30


def bars(title: str, seconds: dict[str, float], *, ours: str) -> str:
    """An SVG of one bar a name, shortest first; ``ours`` is the one that stands out."""
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


def _shown(value: float) -> str:
    scale, unit = (1e6, "µs") if value < 1e-3 else (1e3, "ms") if value < 1 else (1.0, "s")
    return f"{value * scale:.3g} {unit}"
