"""Transfers as one table: kinds, steps, which may follow which, what each does to the track of its cases.

线索移送 says what is suspected; 涉嫌犯罪案件移送 follows 国务院令310 (2001, as revised in 2020), articles 5 to 12: two
officers or more, the head decides, papers of article 6, a signed receipt, reconsideration, then 检察 supervision.
仿冒网站移送 goes to 网信, 通信管理 or the access provider.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adwatch.errors import UsageError


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a transfer."""

    label: str
    """Chinese name."""
    to: tuple[str, ...] = ()
    """Steps that may follow; none: it is closed here."""
    track: str | None = None
    """Step of the track of its cases that it leads to; None leaves the track."""
    track_outcome: str | None = None
    """Outcome of the track where it is closed."""
    outcome: bool = False
    """Whether this is an answer that is counted as the outcome of the transfer."""
    reason: bool = False
    """Whether a reason must be written."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One form of transfer."""

    label: str
    """Chinese name."""
    title: str
    """Title of the letter."""
    track: str
    """Track of the cases that it is a part of."""
    column: str | None
    """Column of the tables (adwatch report) under which its leads are counted when it is sent; None: in none."""
    officers: int
    """Officers who must be named."""
    receivers: Mapping[str, str]
    """Whom it may go to: id and name, or the step of the track where that differs."""
    steps: Mapping[str, Step]
    """Its steps by id."""


_BEFORE = {
    "draft": Step("拟移送", ("approved", "rejected", "void")),
    "void": Step("作废", reason=True),
}

_CLUE = {
    **_BEFORE,
    "approved": Step("批准移送", ("sent", "void")),
    "rejected": Step("不批准移送", track="not_approved", track_outcome="no_offence", reason=True),
    "sent": Step("已移送", ("received",), track="clue_sent"),
    "received": Step("已签收", ("filed", "not_filed", "returned"), track="received"),
    "filed": Step("公安立案", track="filed", track_outcome="transfer", outcome=True),
    "not_filed": Step("公安不予立案", ("accepted",), track="not_filed", outcome=True, reason=True),
    "accepted": Step("终结（接受不予立案）", track="ended", track_outcome="no_offence"),
    "returned": Step("退回", track="returned", outcome=True, reason=True),
}

_CASE = {
    **_CLUE,
    "approved": Step("批准移送", ("sent", "void"), track="approved"),
    "sent": Step("已移送", ("received",), track="case_sent"),
    "filed": Step("公安立案", ("handed_over",), track="filed", track_outcome="transfer", outcome=True),
    "handed_over": Step("涉案物品和材料已移交"),
    "not_filed": Step(
        "公安不予立案", ("reconsideration", "supervision", "accepted"), track="not_filed", outcome=True, reason=True
    ),
    "reconsideration": Step("提请复议", ("filed", "upheld"), track="reconsideration", reason=True),
    "upheld": Step("复议维持不予立案", ("supervision", "accepted"), track="upheld", outcome=True, reason=True),
    "supervision": Step("建议检察院立案监督", ("filed", "accepted"), track="supervision", reason=True),
}

_SITE = {
    **_BEFORE,
    "approved": Step("批准移送", ("sent", "void")),
    "rejected": Step("不批准移送", reason=True),
    "sent": Step("已移送", ("received",)),
    "received": Step("已签收", ("handled", "refused", "returned")),
    "handled": Step("已处置（待核验）", outcome=True),
    "refused": Step("不予处置", outcome=True, reason=True),
    "returned": Step("退回", outcome=True, reason=True),
}

KINDS = {
    "clue": Kind("线索移送", "问题线索移送函", "crime", "online_transferred", 0, {"police": "公安机关"}, _CLUE),
    "case": Kind(
        "涉嫌犯罪案件移送", "涉嫌犯罪案件移送书", "crime", "online_transferred", 2, {"police": "公安机关"}, _CASE
    ),
    "site": Kind(
        "仿冒网站移送",
        "仿冒网站线索移送函",
        "site",
        None,
        0,
        {"cyberspace": "网信部门", "telecom": "通信管理部门", "host": "接入服务提供者"},
        _SITE,
    ),
}
"""Every kind by its id."""

SITE_TRACK = {"cyberspace": "to_cac", "telecom": "to_telecom", "host": "to_host"}
"""Step of the 网站 track by whom it was sent to."""

PAPERS = {
    "letter": "移送书（函）",
    "investigation_report": "涉嫌犯罪案件情况的调查报告",
    "item_list": "涉案物品清单",
    "expert_report": "检验报告或者鉴定结论",
    "penalty": "行政处罚决定书",
    "receipt": "签收的回执",
    "answer": "公安机关的决定、通知书",
    "other": "其他材料",
}
"""Kinds of papers that belong to a transfer; article 6 names the first four and others."""

BEFORE_SENT = ("draft", "approved")
"""Steps in which its content may still be changed."""


def kind_of(kind: str) -> Kind:
    """The form of that id; UsageError that names those there are."""
    if kind not in KINDS:
        raise UsageError(f"{kind[:30]}: 没有这种移送；可写 {'、'.join(KINDS)}")
    return KINDS[kind]


def checked_officers(form: Kind, officers: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Officers with name and certificate, each once and as many as the form needs."""
    named = [{"name": each["name"].strip(), "certificate": each["certificate"].strip()} for each in officers]
    if any(not each["name"] or not each["certificate"] for each in named):
        raise UsageError("承办人须写明姓名和执法证号；write --officer 姓名:证号")
    if len({each["name"] for each in named}) != len(named) or len({each["certificate"] for each in named}) != len(
        named
    ):
        raise UsageError("承办人重复")
    if len(named) < form.officers:
        raise UsageError(f"{form.label}须指定{form.officers}名以上执法人员（310号令第五条）；write --officer 姓名:证号")
    return named
