"""The four tracks of a confirmed case as one table: steps, allowed moves, which step closes a track and how.

下架 拟文→审核→签发用印→发出→签收→处置→两次核验→复现 · 查处 核查→立案 | 不予立案 | 移送管辖→处罚 | 不予处罚 | 销案 ·
涉刑 线索移送 or 案件移送 · 网站 认定→网信 / 通管 / 接入商→核验. A step that the table does not name is not reachable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

OUTCOMES = {
    "talk": "约谈告诫",
    "rectify": "责令改正",
    "penalty": "行政处罚",
    "joint_discipline": "联合惩戒",
    "transfer": "移送",
    "no_offence": "不构成",
}
"""In what a track can end, by id."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a track."""

    label: str
    """Chinese name."""
    to: tuple[str, ...]
    """Steps that may follow; those of a closed track open it again."""
    closes: bool = False
    """Whether the track is closed here."""
    outcomes: tuple[str, ...] = ()
    """Outcomes that may be named here."""
    needs_outcome: bool = False
    """Whether one of them must be."""
    by_transfer: bool = False
    """Whether only a transfer takes a track here: drafted by one, approved by another, with its papers."""


@dataclass(frozen=True, slots=True)
class Track:
    """One of the ways in which a confirmed case is dealt with."""

    label: str
    """Chinese name."""
    first: str
    """Step on which it is opened."""
    steps: Mapping[str, Step]
    """Every step by its id."""


_TAKEDOWN = {
    "draft": Step("拟文", ("checked", "withdrawn")),
    "checked": Step("审核", ("signed", "draft", "withdrawn")),
    "signed": Step("签发用印", ("sent", "draft", "withdrawn")),
    "sent": Step("发出", ("received", "handled", "refused", "verified_once", "escalated", "withdrawn", "ended")),
    "received": Step("签收", ("handled", "refused", "verified_once", "escalated", "withdrawn", "ended")),
    "refused": Step("平台不予处置", ("sent", "handled", "verified_once", "escalated", "withdrawn", "ended")),
    "handled": Step("处置", ("verified_once", "sent", "escalated", "withdrawn", "ended")),
    "escalated": Step("升级处置", ("received", "handled", "verified_once", "withdrawn", "ended")),
    "verified_once": Step("首次核验已下架", ("verified", "sent", "escalated", "withdrawn", "ended")),
    "verified": Step("两次核验已下架", ("relisted", "withdrawn"), closes=True, outcomes=("rectify", "talk")),
    "relisted": Step("复现", ("draft", "verified_once", "withdrawn", "ended")),
    "withdrawn": Step("撤回", ("draft",), closes=True, outcomes=("no_offence",)),
    "ended": Step("终结（未下架）", ("draft",), closes=True, outcomes=("talk", "rectify", "transfer", "no_offence")),
}

_INVESTIGATION = {
    "inquiry": Step("核查", ("filed", "not_filed", "referred")),
    "filed": Step("立案", ("punished", "not_punished", "withdrawn", "referred")),
    "not_filed": Step("不予立案", ("inquiry",), True, ("no_offence", "talk", "rectify"), True),
    "referred": Step("移送管辖", ("inquiry",), True, ("transfer",), True),
    "punished": Step("处罚", (), True, ("penalty", "joint_discipline"), True),
    "not_punished": Step("不予处罚", (), True, ("talk", "rectify", "no_offence"), True),
    "withdrawn": Step("销案", ("filed",), True, ("no_offence", "transfer"), True),
}

_CRIME = {
    "preparing": Step("拟移送", ("clue_sent", "approved", "not_approved")),
    "approved": Step("批准移送", ("case_sent",), by_transfer=True),
    "not_approved": Step("不批准移送", ("preparing",), True, ("no_offence",), True),
    "clue_sent": Step("线索移送", ("received", "filed", "not_filed", "ended"), by_transfer=True),
    "case_sent": Step("案件移送", ("received", "filed", "not_filed"), by_transfer=True),
    "received": Step("签收", ("filed", "not_filed", "returned", "ended")),
    "returned": Step("退回补充", ("preparing", "approved", "clue_sent", "case_sent")),
    "filed": Step("公安立案", (), True, ("transfer",), True),
    "not_filed": Step("公安不予立案", ("reconsideration", "supervision", "ended")),
    "reconsideration": Step("提请复议", ("filed", "upheld")),
    "upheld": Step("复议维持", ("supervision", "ended")),
    "supervision": Step("建议检察监督", ("filed", "ended")),
    "ended": Step("终结", ("preparing",), True, ("transfer", "no_offence"), True),
}

_SITE = {
    "finding": Step("认定", ("to_cac", "to_telecom", "to_host", "not_fake")),
    "not_fake": Step("非仿冒", ("finding",), True, ("no_offence",), True),
    "to_cac": Step("送网信", ("to_telecom", "to_host", "verified_once", "ended")),
    "to_telecom": Step("送通信管理", ("to_cac", "to_host", "verified_once", "ended")),
    "to_host": Step("送接入商", ("to_cac", "to_telecom", "verified_once", "ended")),
    "verified_once": Step("首次核验已关停", ("verified", "to_cac", "to_telecom", "to_host")),
    "verified": Step("两次核验已关停", ("finding",), True, ("transfer", "rectify")),
    "ended": Step("终结（未关停）", ("finding",), True, ("transfer", "no_offence"), True),
}

TRACKS = {
    "takedown": Track("下架", "draft", _TAKEDOWN),
    "investigation": Track("查处", "inquiry", _INVESTIGATION),
    "crime": Track("涉刑", "preparing", _CRIME),
    "site": Track("网站", "finding", _SITE),
}
"""Every track by its id."""
