"""The Kibana objects as verbs call them: written, checked, applied."""

from __future__ import annotations

from adwatch import tables
from adwatch.casework import states
from adwatch.kibana import Vocabulary, build, ndjson
from adwatch.kibana.checks import given, run
from classifiers.offers import OFFER_CLASSES

KINDS = {
    "product": "商品",
    "post": "帖子",
    "comment": "评论",
    "page": "网页",
    "video": "视频",
    "live": "直播",
    "account": "账号",
    "group": "群组",
    "mini_program": "小程序",
    "app": "应用",
    "tip": "举报线索",
}
"""Chinese names of adwatch.models.LISTING_KINDS."""


def vocabulary() -> Vocabulary:
    """By field: every value that the pipeline can write, with its Chinese name."""
    return {
        "kind": KINDS,
        "band": states.BANDS,
        "scope": states.SCOPES,
        "state": states.STATES,
        "decision": states.RESULTS,
        "takedown_word": states.WORDS,
        "takedown_state": {"draft": "拟文", "sent": "已发出"},
        "tier": {"exact": "原文", "folded": "还原伪装"},
        "offer_types": {row.id: row.label for row in OFFER_CLASSES},
        "certificate_kinds": {row.id: row.label for row in tables.families().values()},
    }


def shipped() -> bytes:
    """What index_mappings/kibana/adwatch.ndjson holds."""
    return ndjson(build(vocabulary()))


def problems(data: bytes) -> list[tuple[int, str]]:
    """What the checks of the shipped file say."""
    return run(given(data, vocabulary()))
