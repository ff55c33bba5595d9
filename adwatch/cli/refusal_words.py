"""Chinese names of the reasons by which reports count what was refused."""

from __future__ import annotations

REFUSALS = {
    "already_sent": "已发出",
    "answered": "已有答复",
    "budget": "当日额度用完",
    "cell": "单元格有误",
    "changed": "内容有变化",
    "conflict": "结论不一致",
    "day": "日期有误",
    "no_answer": "没有应答",
    "no_route": "没有适用的行",
    "no_sheet": "没有表格",
    "not_allowed": "现在不能办",
    "not_ready": "条件不具备",
    "not_rectified": "不能记为已改正",
    "other_batch": "不属于本批",
    "platform_over": "平台额度用完",
    "refused": "不予接受",
    "row": "行有误",
    "same_person": "须另一人复核",
    "tip": "来自投诉举报",
    "unclear_mail": "邮件结果不明",
    "unknown": "没有这个编号",
    "unreadable": "无法读取",
    "waits": "等待中",
}


def refusal(reason: str) -> str:
    """The name, then the word that JSON and logs have; the word alone where there is no name."""
    return " ".join(dict.fromkeys((REFUSALS.get(reason, reason), reason)))
