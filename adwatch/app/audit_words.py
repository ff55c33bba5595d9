"""Chinese names of what the audit log keeps: acts and subjects, as the screen 审计 shows them."""

from __future__ import annotations

from adwatch.casework.states import MOVES
from adwatch.casework.takedown_kinds import KINDS as LETTERS
from adwatch.casework.takedown_kinds import STEPS
from adwatch.casework.transfer_table import KINDS as TRANSFERS

ACTS = {
    "account.add": "开设账号",
    "account.change": "更改账号",
    "account.disable": "停用账号",
    "account.enable": "启用账号",
    "account.first_link": "签发首个一次性链接",
    "account.locked": "账号锁定",
    "account.password": "设定密码",
    "account.reset": "重设密码",
    "account.sign_in": "登录",
    "account.sign_out": "退出",
    "bulletin.approved": "批准通报",
    "bulletin.draft": "起草通报",
    "bulletin.published": "发布通报",
    "bulletin.refused": "不予发布通报",
    "campaign.assign": "归入专项行动",
    "campaign.enter": "填写专项指标",
    "case.close": "办结",
    "case.note": "添加备注",
    "case.relisted": "关联下架后复现",
    "case.unmask": "查看未脱敏内容",
    "clock.extend": "延长期限",
    "confirmation.answered": "甄别函收到回复",
    "confirmation.chased": "甄别函催办",
    "confirmation.draft": "拟甄别函",
    "confirmation.sent": "甄别函发出",
    "confirmation.settled": "按回复认定",
    "confirmation.void": "作废甄别函",
    "correction.checked": "更正函审核",
    "correction.draft": "拟更正函",
    "correction.enter": "登记更正函文号等",
    "correction.mail-intent": "准备发送更正函邮件",
    "correction.mail-outcome": "更正函邮件结果",
    "correction.scan": "附更正函用印扫描件",
    "correction.sent": "登记更正函已发出",
    "correction.signed": "更正函签发用印",
    "correction.void": "作废更正函",
    "differing.aside": "不再提示更正",
    "evidence.capture": "网页取证",
    "evidence.package": "制作证据包",
    "evidence.record": "制作笔录",
    "evidence.root": "每日存证",
    "evidence.stamp": "盖时间戳",
    "export.issue": "出具每周清单",
    "report.counted": "计入移送栏",
    "report.entered": "填写报表",
    "report.handed_in": "汇入下级报表",
    "report.restated": "报表更正",
    "report.submitted": "报送报表",
    "retention.delete": "按期限删除",
    "retention.erase": "按期限删除内容",
    "retention.hold": "保全",
    "retention.release": "解除保全",
    "retention.run": "执行保存期限",
    "review.gold": "设为标准件",
    "review.look": "复核初看",
    "review.open": "打开线索",
    "review.sample": "抽样复核",
    "review.take-over": "接管线索",
    "review.undo": "撤销认定",
    "review.withdraw": "撤回复核意见",
    "route.assigned": "指定甄别单位",
    "route.routed": "分派",
    "site.added": "登记仿冒网站",
    "site.dismissed": "排除存疑网站",
    "site.opened": "存疑网站立案",
    "site.reference": "记下官方网站样式",
    "source.acknowledged": "告知受理",
    "source.import": "汇入来表",
    "source.inspection": "登记检查发现",
    "source.linked": "关联信息",
    "source.rewarded": "记为奖励",
    "source.told": "答复结果",
    "subject.merge": "合并主体",
    "subject.split": "拆分主体",
    "subject.undo": "撤销合并或拆分",
    "takedown.enter": "登记文号等",
    "takedown.mail-intent": "准备发邮件",
    "takedown.mail-outcome": "邮件结果",
    "takedown.mark-sent": "登记函件已发出",
    "takedown.relisted": "查见复现",
    "takedown.reply": "登记复函",
    "takedown.scan": "附用印扫描件",
    "takedown.send": "函件以邮件发出",
    "takedown.verified": "核实已下架",
    "takedown.verify": "核验",
    "track.move": "分线流转",
    "track.open": "开分线",
    "transfer.attach": "附移送材料",
    "transfer.facts": "登记移送文号等",
    "transfer.taken": "取走移送材料包",
}
"""Acts by the word in the log; those of the tables of letters, transfers and moves come from there."""
SUBJECTS = {
    "account": "账号",
    "bulletin": "通报",
    "campaign": "专项",
    "case": "案件",
    "confirmation": "甄别函",
    "correction": "更正函",
    "day": "日",
    "erasure": "删除批次",
    "export": "清单",
    "file": "存档文件",
    "hold": "保全",
    "intake": "来表",
    "package": "证据包",
    "report": "报表",
    "sample": "抽样",
    "site": "网站",
    "subject": "主体",
    "takedown": "函件",
    "transfer": "移送",
}
"""What was acted on."""


def act_label(action: str) -> str:
    """Chinese name of an act; 其他操作 where the log has one that nobody named."""
    about, _, word = action.partition(".")
    if action in ACTS:
        return ACTS[action]
    if about == "review" and word in MOVES:
        return f"甄别：{MOVES[word].label}"
    if about == "takedown" and word in STEPS:
        return f"函件{STEPS[word]}"
    if about == "takedown" and word in LETTERS:
        return f"拟{LETTERS[word].label}"
    if about == "transfer":
        steps = {name: step.label for kind in TRANSFERS.values() for name, step in kind.steps.items()}
        if word in steps:
            return f"移送：{steps[word]}"
    return "其他操作"


def subject_label(subject: str) -> str:
    """Chinese name of a kind of subject."""
    return SUBJECTS.get(subject, "其他")
