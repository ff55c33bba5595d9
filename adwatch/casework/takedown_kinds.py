"""Kinds of letters about a takedown, their steps, and the answers that platforms give, as tables with Chinese names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of letter."""

    label: str
    """文种."""
    title: str
    """Title of the letter."""
    asks: bool
    """Whether it is a request itself (one for each takedown), not a letter about one."""
    track: str | None
    """Step of the 下架 track of its cases once it is sent; None leaves them."""


KINDS = {
    "urge": Kind("督促清理函", "关于督促清理涉嫌违法证书类信息的函", True, "sent"),
    "assist": Kind("协查函", "关于协助核查处置涉嫌违法证书类信息的函", True, "sent"),
    "refer": Kind("移送函", "关于移送涉嫌违法证书类信息线索的函", True, "sent"),
    "remind": Kind("催办函", "关于催办涉嫌违法证书类信息处置情况的函", False, None),
    "withdraw": Kind("撤回函", "关于撤回有关信息处置要求的函", False, "withdrawn"),
    "correct": Kind("更正函", "关于更正有关信息处置要求的函", False, None),
    "escalate": Kind("提请处置函", "关于提请依法处置涉嫌违法证书类信息的函", False, "escalated"),
}
MENDS = ("withdraw", "correct")
"""Kinds that mend a wrong takedown; those sent are counted."""

STEPS = {
    "draft": "拟文",
    "checked": "审核",
    "signed": "签发用印",
    "sent": "发出",
    "acknowledged": "签收",
    "refused": "不予处置",
    "handled": "已处置",
    "withdrawn": "已撤回",
    "void": "作废",
}
"""Steps of a letter; from ``sent`` on nothing of it is changed, and what follows comes of replies."""
BEFORE = ("draft", "checked", "signed")
"""Steps before it is sent."""

REPLIES = {
    "acknowledged": "签收",
    "accepted": "同意并已处置",
    "refused": "不予处置",
    "more": "要求补充材料",
}
"""What a platform can answer."""
REPLY_STEP = {"acknowledged": "acknowledged", "accepted": "handled", "refused": "refused", "more": "acknowledged"}
"""Step of the request after an answer."""
REPLY_TRACK = {"acknowledged": "received", "accepted": "handled", "refused": "refused", "more": "received"}
"""Step of the 下架 track of the cases that it is about."""

MAIL_OUTCOMES = {
    "accepted": "邮件服务器已接收",
    "refused": "邮件服务器拒收",
    "failed": "未能送出",
    "unclear": "结果不明，须人工核实",
    "settled_accepted": "经核实已送达",
    "settled_not": "经核实未送达",
}
"""What became of a mail; without an outcome the program ended in between, which is unclear too."""
OPEN_OUTCOMES = (None, "unclear")
