"""Chinese names of the words that screens show."""

from __future__ import annotations

from adwatch.casework.states import BANDS, DECISIONS, MOVES, OUTCOMES, RESULTS, SCOPES, STATES, WORDS

EVENTS = {
    "opened": "发现",
    "found_late": "迟发现",
    "registered": "线索登记",
    "decided": "甄别",
    "excluded": "排除",
    "reopened": "重新待查",
    "closed": "办结",
    "taken_up_again": "恢复办理",
    "looked": "初看（待复核）",
    "undone": "撤销",
    "look_withdrawn": "撤回复核意见",
    "relisted": "下架后复现",
    "noted": "备注",
    "unmasked": "查看未脱敏内容",
    "taken_over": "接管",
    "clock_extended": "延长期限",
    "track_opened": "开分线",
    "track_moved": "分线流转",
    "page_captured": "网页取证",
    "page_failed": "网页未能取证",
    "record_drawn": "制作笔录",
    "routed": "分派",
    "assigned": "指定甄别单位",
    "asked_by_letter": "发函甄别",
    "answers_differ": "部门结论不一致",
    "came_in": "来源登记",
    "linked": "关联",
    "acknowledged": "告知受理",
    "told": "答复结果",
    "rewarded": "举报奖励",
    "campaign": "归入专项行动",
    "counted": "计入移送",
}
"""What happened to a case."""

MOVE_LABELS = {verb: move.label for verb, move in MOVES.items()}
"""What a person can do to a case, by its verb."""

ORIGINS = {
    "patrol": "巡查",
    "12315": "12315",
    "12345": "12345",
    "12350": "12350",
    "superior": "上级交办",
    "department": "其他部门",
    "inspection": "检查发现",
}
"""Where a lead came from."""

ATTACHED = {
    "page_screenshot": "网页截图",
    "page_archive": "网页存档",
    "page_record": "笔录",
    "reply": "复函",
    "reply_scan": "回函扫描件",
    "reply_sheet": "回复表",
    "scan": "扫描件",
    "photo": "照片",
    "sheet": "来表",
    "mail": "邮件",
}
"""What is attached to a case; others are files."""

ACTORS = {"machine": "系统"}
"""Who did it, where it was no person."""

FOLDS = {
    "none": "原样",
    "width": "全半角",
    "traditional": "繁体",
    "separators": "间隔符",
    "enclosed": "圈号",
    "emoji": "表情符号",
    "homophone": "谐音",
    "pinyin": "拼音",
    "initials": "拼音首字母",
    "shape": "形近",
    "lookalike": "形似字符",
    "radical": "部首",
    "split": "拆字",
    "martian": "火星文",
    "swapped": "换序",
    "reversed": "倒写",
}
"""How a word was disguised, by the folding that found it; one that is not here stands for itself."""


def folds(name: str) -> str:
    """Foldings joined by +, in Chinese."""
    return "+".join(FOLDS.get(each, each) for each in name.split("+"))


__all__ = [
    "ACTORS",
    "ATTACHED",
    "BANDS",
    "DECISIONS",
    "EVENTS",
    "FOLDS",
    "MOVE_LABELS",
    "ORIGINS",
    "OUTCOMES",
    "RESULTS",
    "SCOPES",
    "STATES",
    "WORDS",
    "folds",
]
