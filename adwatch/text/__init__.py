"""Text helpers that every stage shares: the search fold, masking, addresses."""

from adwatch.text.clean import clean, clean_or_none, mask, one_line
from adwatch.text.fold import highlight_spans, normal, normal_with_offsets
from adwatch.text.urls import url_norm

__all__ = [
    "clean",
    "clean_or_none",
    "highlight_spans",
    "mask",
    "normal",
    "normal_with_offsets",
    "one_line",
    "url_norm",
]
