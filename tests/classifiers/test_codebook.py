"""Every row of the codebook with sentences of our own, both ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from adwatch.errors import SpecError
from classifiers import codebook
from classifiers.analysis import Reader
from classifiers.judge import OfferJudge

OFFERS = [
    "电工证包过，不过退款，加微信 dgz88888，学员都拿到了",
    "叉车证人不用来，身份证照片发来就行，一周到手，官网可查，私聊",
    "特种作业操作证复审免考，人不到场，资料发来，三天出新证，电话13800001234",
    "焊工证当天拿证，付款后次日发货，加V：hgz9999",
    "安全员C证通过率100%，考不过全额退款，联系13800001234",
    "刻章办证，各种证件，毕业证、驾驶证、资格证，电话13800001234",
    "电工证代考，现场有人带着做，答案考前发你，加QQ：87654321",
    "仿应急管理查询网站搭建，带后台可录入，扫码可查，长期接单",
    "高价收证，建造师挂靠，人不用来，一年两万，联系13800001234",
    "低压电工考试内部渠道，考官是自己人，名额有限，加微 abc12345",
]
OTHERS = [
    "我校不包过，学员必须本人参加考试，按规定完成学时。",
    "本校通过率高，随到随学，免费补考，地址在人民路，欢迎到校参观。",
    "三天培训班开班通知：理论一天，实操两天，考试由考试点统一组织，本人持身份证参加。",
    "市应急管理局提醒：凡宣称“免考”“包过”“三天出证”的均为诈骗，请通过正规渠道报名，举报电话12350。",
    "警方通报：张某在网上声称可办理电工证，骗取多人钱款，已被刑事拘留，案件正在审理。",
    "请问网上说的免考电工证靠谱吗？有没有人知道？",
    "我被骗了，交了钱对方就把我拉黑了，说好的电工证也没有，已经报警。",
    "王者荣耀代练，加急上分，三天到星，价格好商量",
    "招聘电工两名，需持有低压电工证，月薪六千，包吃住，联系13800001234",
    "低压电工作业考试题库，历年真题和模拟题，含答案解析，电子版。",
    "证件套 工作证卡套 皮套 定制印字，批发包邮",
    "建筑施工特种作业操作资格证书有效期两年，期满前向发证机关申请延期，无需再次考核。",
]


@pytest.mark.parametrize("text", OFFERS)
def test_offers(judge: OfferJudge, text: str) -> None:
    verdict = judge.judge([("", text)])[0]
    assert verdict.band == "flagged", (verdict.score, verdict.reason)
    assert verdict.basis
    assert verdict.offer_types


@pytest.mark.parametrize("text", OTHERS)
def test_no_offers(judge: OfferJudge, text: str) -> None:
    verdict = judge.judge([("", text)])[0]
    assert verdict.band != "flagged", (verdict.score, verdict.offer_types)


def test_conditions_and_rules(reader: Reader) -> None:
    named = codebook.conditions(reader.read("", "电工证包过，加微信13800001234，不过退款"))
    assert {"guaranteed_pass:sure", "special_operations", "certificate", "reach"} <= named
    rules = {rule.id: rule for rule in codebook.load()}
    assert rules["promise_by_seller"].holds(named)
    asked = codebook.conditions(reader.read("", "电工证包过靠谱吗？"))
    assert not rules["promise_by_seller"].holds(asked)


def test_an_office_may_change_a_row(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    file = tmp_path / "tables" / "codebook.csv"
    file.write_text("id,when,label,reason,weight,note\nall,certificate,review,ours,0,\n", encoding="utf-8")
    assert [rule.reason for rule in codebook.load(tmp_path)] == ["ours"]
    verdict = OfferJudge.load(tmp_path).judge([("", OFFERS[0])])[0]
    assert (verdict.band, verdict.reason) == ("review", "ours")


@pytest.mark.parametrize("row", ["a,b,perhaps,c,1,", "a,b,offer,c,much,"])
def test_a_mistake_names_the_line(tmp_path: Path, row: str) -> None:
    (tmp_path / "tables").mkdir()
    file = tmp_path / "tables" / "codebook.csv"
    file.write_text(f"id,when,label,reason,weight,note\n{row}\n", encoding="utf-8")
    with pytest.raises(SpecError, match=r"codebook\.csv:2"):
        codebook.load(tmp_path)
