"""Plots of the gauge as inline SVG: no script, nothing loaded from elsewhere, every text escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from unicodedata import east_asian_width

BLUE, GREY, LINE = "#1f5fa8", "#8a8f98", "#d6dae0"
SIDE, EDGE = 300, 44
ROW = 22
LABEL, BAR, TAIL = 210, 360, 170


@dataclass(frozen=True, slots=True)
class Stripe:
    """One line of a plot of rates."""

    label: str
    """What it is a rate of."""
    rate: float
    """0..1."""
    interval: tuple[float, float]
    """95 % interval."""
    note: str
    """Counts, in words."""


def _text(x: float, y: float, text: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{escape(text)}</text>'


def _cut(label: str, most: int = 32) -> str:
    """As much of a label as fits beside the bars; Chinese characters are two wide."""
    width = 0
    for at, char in enumerate(label):
        width += 2 if east_asian_width(char) in "WF" else 1
        if width > most:
            return label[:at] + "…"
    return label


def reliability_plot(bins: Sequence[dict[str, Any]], title: str) -> str:
    """Share of offers over the mean score of each tenth, with intervals; the dashes are perfect calibration."""
    size = SIDE + 2 * EDGE
    most = max((item["count"] for item in bins), default=1)
    parts = [
        f'<svg viewBox="0 0 {size} {size}" width="{size}" height="{size}" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect x="{EDGE}" y="{EDGE}" width="{SIDE}" height="{SIDE}" fill="none" stroke="{LINE}"/>',
        f'<line x1="{EDGE}" y1="{EDGE + SIDE}" x2="{EDGE + SIDE}" y2="{EDGE}" stroke="{GREY}" stroke-dasharray="4 4"/>',
    ]
    for tenth in (0, 0.25, 0.5, 0.75, 1):
        at = EDGE + SIDE * tenth
        parts.append(_text(at, EDGE + SIDE + 18, f"{tenth:g}", 'text-anchor="middle"'))
        parts.append(_text(EDGE - 8, EDGE + SIDE - SIDE * tenth + 4, f"{tenth:g}", 'text-anchor="end"'))
    for item in bins:
        x, y = EDGE + SIDE * item["score"], EDGE + SIDE * (1 - item["share"])
        low, high = (EDGE + SIDE * (1 - end) for end in item["share_ci"])
        tall = 40 * item["count"] / most
        parts += [
            f'<rect x="{EDGE + SIDE * item["low"]:.1f}" y="{EDGE + SIDE - tall:.1f}" width="{SIDE / 10 - 2:.1f}" '
            f'height="{tall:.1f}" fill="{LINE}"/>',
            f'<line x1="{x:.1f}" y1="{low:.1f}" x2="{x:.1f}" y2="{high:.1f}" stroke="{BLUE}"/>',
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{BLUE}"><title>{item["count"]} 条，平均分 '
            f"{item['score']:.2f}，其中要约 {item['share']:.2f}</title></circle>",
        ]
    parts.append(_text(EDGE + SIDE / 2, size - 6, "机器给出的分数（平均）", 'text-anchor="middle"'))
    parts.append(_text(EDGE, EDGE - 14, "实际是要约的比例；灰柱为条数"))
    return "".join([*parts, "</svg>"])


def rate_plot(stripes: Sequence[Stripe], title: str) -> str:
    """One bar a rate with its interval; the longest labels are cut."""
    width, height = LABEL + BAR + TAIL, ROW * len(stripes) + 30
    parts = [
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">',
        f"<title>{escape(title)}</title>",
    ]
    for tenth in (0, 0.25, 0.5, 0.75, 1):
        x = LABEL + BAR * tenth
        parts.append(f'<line x1="{x:.1f}" y1="0" x2="{x:.1f}" y2="{height - 22}" stroke="{LINE}"/>')
        parts.append(_text(x, height - 6, f"{tenth:.0%}", 'text-anchor="middle"'))
    for number, stripe in enumerate(stripes):
        y = ROW * number + ROW / 2
        low, high = (LABEL + BAR * end for end in stripe.interval)
        parts += [
            _text(LABEL - 8, y + 4, _cut(stripe.label), 'text-anchor="end"'),
            f'<rect x="{LABEL}" y="{y - 5:.1f}" width="{BAR * stripe.rate:.1f}" height="10" fill="{BLUE}" '
            'fill-opacity="0.55"/>',
            f'<line x1="{low:.1f}" y1="{y:.1f}" x2="{high:.1f}" y2="{y:.1f}" stroke="#222" stroke-width="1.5"/>',
            _text(LABEL + BAR + 8, y + 4, f"{stripe.rate:.1%}  {stripe.note}"),
        ]
    return "".join([*parts, "</svg>"])
