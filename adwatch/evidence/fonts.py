"""Whether the browser has glyphs for Chinese: a screenshot of boxes is worthless as evidence.

Known characters, simplified and traditional, are drawn on a canvas and compared with what is drawn for code points that
no font has; a character that looks like one of them, that draws nothing, or that looks like another, has no glyph.
"""

from __future__ import annotations

from typing import Any, Protocol

SAMPLE = "证监管特种作业电工包过薇鑫證監業龘"
"""Characters that must each have a picture of their own; the last is rare."""

_RARE = "龘"
_PROBE = """([sample, absent, font]) => {
  const draw = (text) => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 48;
    const pen = canvas.getContext('2d', {willReadFrequently: true});
    pen.fillStyle = '#fff'; pen.fillRect(0, 0, 48, 48);
    pen.fillStyle = '#000'; pen.textBaseline = 'top'; pen.font = '36px ' + font;
    pen.fillText(text, 4, 4);
    return Array.from(pen.getImageData(0, 0, 48, 48).data.filter((_, at) => at % 4 === 0)).join();
  };
  const blank = draw(' '), boxes = new Set(absent.map(draw)), seen = new Map(), missing = [];
  for (const each of sample) {
    const picture = draw(each);
    if (picture === blank || boxes.has(picture) || seen.has(picture)) missing.push(each);
    seen.set(picture, each);
  }
  return missing;
}"""
_ABSENT = ["\U000f0000", "\U000ffffd", "\u0378", "\U0010fffd"]
"""Private use and unassigned: fonts in use have no glyph for them."""


class Evaluates(Protocol):
    """A page of a browser."""

    async def evaluate(self, expression: str, arg: Any = None) -> Any:
        """Run a function in the page."""


async def missing_glyphs(page: Evaluates) -> str:
    """Those characters of ``SAMPLE`` that would be boxes, but for a rare one."""
    found = await page.evaluate(_PROBE, [list(SAMPLE), _ABSENT, "sans-serif"])
    return "".join(each for each in found if each != _RARE)
