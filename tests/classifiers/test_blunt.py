"""Offers as bare as a shop's title: a paper and a promise side by side, with and without a way to the seller."""

from __future__ import annotations

import pytest

from classifiers.judge import OfferJudge

PAPERS = (
    *("焊工证", "低压电工证", "高压电工证", "高处作业证", "叉车证", "特种作业操作证"),
    *("电梯证", "塔吊证", "安全员C证", "架子工证", "制冷证", "起重机证"),
)
PROMISES = (
    "代办，不考试，官网可查", "办理，不用考试，三天拿证", "快速办理，不用到场", "免考试直接拿证", "包过，不过退款",
    "不用本人考试，一周下证，全国可查", "人不用来，包拿证", "直出，免考，国网可查", "免考代办", "包过班，签协议",
    "替考，有经验，包过", "内部名额，保证通过", "不考试出证，扫码可查", "办理 免考 包过 下证快",
)  # fmt: skip


@pytest.mark.parametrize(("ending", "least"), [("，加微信 abc12345", 1.0), ("，要的私聊", 0.99), ("", 0.9)])
def test_a_bare_offer_is_flagged(judge: OfferJudge, ending: str, least: float) -> None:
    texts = [("", paper + promise + ending) for paper in PAPERS for promise in PROMISES]
    bands = [verdict.band for verdict in judge.judge(texts)]
    assert bands.count("flagged") >= least * len(texts)
    assert bands.count("clear") <= 2


def test_the_same_words_asked_denied_or_warned_of_are_not(judge: OfferJudge) -> None:
    frames = (
        "听说{}，是真的吗？",
        "本校不承诺“{}”，必须本人参加考试。",
        "应急管理局提醒：凡声称“{}”的均为诈骗，切勿轻信。",
    )
    texts = [("", frame.format(paper + promise)) for paper in PAPERS for promise in PROMISES[:6] for frame in frames]
    flagged = [text for (_, text), verdict in zip(texts, judge.judge(texts), strict=True) if verdict.band == "flagged"]
    assert len(flagged) <= 0.02 * len(texts), flagged[:10]
