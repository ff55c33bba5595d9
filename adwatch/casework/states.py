"""The states of a case and the one table of moves between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

STATES = {
    "screening": "待初筛",
    "excluded": "排除",
    "registered": "待甄别",
    "confirmed": "属实",
    "dismissed": "不属实",
    "doubtful": "存疑补证",
    "referred": "非本部门转办",
    "reopened": "重新待查",
    "closed": "办结",
}
"""Every state with its Chinese name; a machine hit starts in screening."""

BANDS = {"flagged": "命中", "review": "待复核", "clear": "未命中"}
"""Chinese names of what a verdict says of a version."""

SCOPES = {"safety_production": "安全生产类", "other_credential": "其他证书类"}
"""Chinese names of the two scopes."""


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that a person can do to a case."""

    label: str
    """Chinese name of the act."""
    origins: frozenset[str]
    """States from which it is allowed."""
    to: str
    """State that it leads to."""
    result: str | None
    """What the decision says that is appended; None where it is no finding (甄别), which needs a registered lead."""

    @property
    def decides(self) -> bool:
        """Whether it is a finding."""
        return self.result is not None


_LEADS = frozenset({"registered", "doubtful", "reopened", "referred"})
_FRESH = frozenset({"screening", "excluded"})

MOVES = {
    "exclude": Move("排除", frozenset({"screening", "reopened"}), "excluded", None),
    "register": Move("线索登记", _FRESH | {"reopened"}, "registered", None),
    "confirm": Move("属实", _FRESH | _LEADS | {"dismissed"}, "confirmed", "confirm"),
    "rectified": Move("原属实，已改正", frozenset({"reopened", "registered", "doubtful"}), "confirmed", "confirm"),
    "dismiss": Move("不属实", _FRESH | _LEADS | {"confirmed", "closed"}, "dismissed", "dismiss"),
    "doubt": Move("存疑补证", _FRESH | _LEADS - {"doubtful"}, "doubtful", "doubt"),
    "refer": Move("非本部门转办", _FRESH | _LEADS - {"referred"}, "referred", "refer"),
    "close": Move("办结", frozenset({"confirmed", "dismissed", "referred"}), "closed", None),
}
"""Acts by their verb. A finding on a fresh case registers the lead first; a later finding corrects an earlier one by
being appended; a closed case too can turn out to have been wrong. What the seller has mended after it was found stays
属实 by ``rectified``: of what was asked for nothing has to be taken back. The machine re-opens from any decided state
(adwatch.store.opening); tracks close and take up again what was confirmed (adwatch.casework.tracks)."""

RESULTS = {verb: move.label for verb, move in MOVES.items() if move.result == verb}
"""Chinese names of the findings."""

UNDO = "undo"
"""What a decision says that takes back the one before it: none stands then."""

DECISIONS = {**RESULTS, UNDO: "撤销"}
"""Chinese names of everything that a decision can say."""

OUTCOMES = {
    "ok": "正常",
    "empty": "无结果",
    "robots_denied": "robots禁止",
    "stale": "数据未更新",
    "layout_changed": "页面改版",
    "blocked": "被拦截",
    "unreachable": "无法访问",
    "error": "出错",
}
"""Chinese names of the words in which a platform's run ends (adwatch.models.OUTCOMES)."""

WORDS = {"gone": "已下架", "up": "仍在架", "changed": "内容已改", "moved": "已转移", "unknown": "未能核实"}
"""What a check of a listing can find; unknown is never taken for gone."""

ANSWERS = {
    "needs_cookie": "要登录凭据",
    "needs_browser": "要浏览器",
    "no_permission": "没有权限",
    "bad_key": "密钥无效",
    "bad_clock": "时钟不准",
    "bad_request": "参数不对",
    "quota_spent": "接口额度用完",
    "throttled": "请求过频",
    "busy": "繁忙",
    "unavailable": "暂停服务",
    "unreachable": "连不上",
    "blocked": "拒绝访问",
    "private": "单条不公开",
    "refused": "不认这一请求",
    "empty": "明说没有",
    "unknown": "原因不明",
}
"""What a site or interface says by word in the place of items, or of one item."""

SURE = {
    "whole": "全部看到",
    "part": "只看到一部分",
    "zero_sure": "确实没有",
    "zero_unsure": "没有，但无从核实",
    "zero_doubtful": "没有，但存疑",
    "unseen": "没能看",
}
"""How far a day's figures can be believed."""


def answers_told(said: Mapping[str, int]) -> str:
    """What a site said by word, each with how often."""
    return "，".join(f"{ANSWERS.get(word, word)} {count} 次" for word, count in said.items())
