"""An offer of which one half stands in the text and one in the picture: found together, each half with its own places;
harmless pictures beside harmless texts, every one beside every other, stay what they are."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from adwatch.models import Verdict
from adwatch.stages.pictures import with_pictures
from adwatch.store.listings import StoredVersion
from adwatch.store.picture_rows import PictureText
from classifiers.judge import OfferJudge

WORLD = Path(__file__).parent / "world" / "pictures.jsonl"
SPLIT = WORLD.with_name("split.jsonl")
"""Offers split between text and picture and harmless pairs, by a writer who had seen neither lists nor classifier."""
TITLES = ["叉车证 N1", "高处作业证 登高证", "建筑电工证", "塔吊信号工 证书", "制冷工操作证", "焊工证复审"]
PROMISES = ["人不用来 七天出证", "不过退款 包通过", "包拿证 详询微信", "无需到场 快速下证"]
HONEST = [
    "免费试听\n环境优美",
    "理论加实操",
    "考试合格后发证",
    "名师授课 小班教学",
    "速成面点班 包教会",
    "快递加急 次日达",
]
Listing = tuple[str | None, str | None, list[str]]


@pytest.fixture(scope="module")
def judge() -> OfferJudge:
    return OfferJudge.load()


def verdicts(judge: OfferJudge, listings: list[Listing]) -> tuple[list[Verdict], list[Verdict]]:
    """(the texts' own, with the pictures) of titles, texts and the words of their pictures."""
    versions = [StoredVersion(at, at, title, text, "2026-11-20") for at, (title, text, _) in enumerate(listings)]
    shown = {at: [picture(at, n, words) for n, words in enumerate(each[2])] for at, each in enumerate(listings)}
    own = judge.judge([(version.title, version.text) for version in versions])
    return own, with_pictures(judge, versions, own, shown)


def picture(version: int, number: int, words: str) -> PictureText:
    return PictureText(version, f"http://p/{version}/{number}", f"{version}-{number}", words, (), (), 400, 400, 1)


def flagged(found: list[Verdict]) -> int:
    return sum(verdict.band == "flagged" for verdict in found)


def test_both_halves_have_their_own_places(judge: OfferJudge) -> None:
    text = "本店地址在东门。有问题请看图片。"
    own, [found] = verdicts(judge, [("叉车证 N1", text, ["环境优美", "人不用来 七天出证", "电话13800000999"])])
    alone = judge.judge([(None, "人不用来 七天出证")])
    assert "flagged" not in (own[0].band, alone[0].band)
    assert found.band == "flagged"
    raw = f"叉车证 N1\n{text}"
    assert [raw[each.start : each.end] for each in found.evidence] == [each.surface for each in found.evidence] != []
    said, card = found.pictures
    assert (said.sha256, said.band) == ("0-1", "flagged")
    assert [said.text[each.start : each.end] for each in said.evidence] == [each.surface for each in said.evidence]
    assert "七天出证" in {each.surface for each in said.evidence}
    assert [card.text[each.start : each.end] for each in card.contacts] == ["13800000999"]


def test_the_title_counts_beside_a_long_text_about_something_else(judge: OfferJudge) -> None:
    about = "本店主营五金工具、劳保用品，支持自提，周末照常营业。" * 12
    own, [found] = verdicts(judge, [("叉车证 N1", about, ["人不用来 七天出证"])])
    assert (own[0].band != "flagged", found.band) == (True, "flagged")


def test_split_offers_are_found_and_honest_pictures_beside_the_same_titles_are_not(judge: OfferJudge) -> None:
    text = "有问题请看图片。"
    split: list[Listing] = [(title, text, [words]) for title in TITLES for words in PROMISES]
    honest: list[Listing] = [(title, text, [words]) for title in TITLES for words in HONEST]
    before = [max(flagged([own]), flagged(judge.judge([(None, words)]))) for own, words in _apart(judge, split)]
    _, after = verdicts(judge, split)
    assert sum(before) <= len(split) // 2  # else the set shows nothing
    assert flagged(after) >= sum(before) + len(split) // 4
    own, joined = verdicts(judge, honest)
    assert flagged(joined) == flagged(own)


def _apart(judge: OfferJudge, listings: list[Listing]) -> list[tuple[Verdict, str]]:
    own = judge.judge([(title, text) for title, text, _ in listings])
    return [(verdict, pictures[0]) for verdict, (_, _, pictures) in zip(own, listings, strict=True)]


def test_harmless_pictures_beside_every_harmless_listing(judge: OfferJudge) -> None:
    rows = [json.loads(line) for line in WORLD.read_text(encoding="utf-8").splitlines()]
    calm = [row for row in rows if not row["offer"]]
    words = ["\n".join(row["lines"]) for row in calm]
    apart = Counter(verdict.band for verdict in judge.judge([(None, each) for each in words]))
    assert apart["flagged"] == 0
    crossed: list[Listing] = [(row["title"], row["text"], [each]) for row in calm for each in words[::4]]
    own, found = verdicts(judge, crossed)
    assert flagged(own) == 0
    assert flagged(found) <= len(crossed) // 1000


WARNING = "我爸被这种图骗了1800元，寄来的证是假的，人也拉黑了。已经报警，大家转给家里人看看，千万别上当。"
POSTER = "免考包过 全国可查\n3天拿证 不过退款"


def test_a_swindlers_poster_under_a_warning_is_for_a_person_and_with_a_live_contact_a_hit(judge: OfferJudge) -> None:
    own, found = verdicts(
        judge,
        [
            ("别再信了！", WARNING, [POSTER]),
            ("别再信了！", WARNING, [f"{POSTER}\n电话13800000999"]),
            ("看图", "本店新开张，欢迎光临。", [POSTER]),
        ],
    )
    assert [verdict.band for verdict in own] == ["clear"] * 3
    assert [verdict.band for verdict in found] == ["review", "flagged", "flagged"]
    assert found[0].pictures[0].band == "review"
    assert found[0].pictures[0].evidence


def test_split_offers_of_another_hand(judge: OfferJudge) -> None:
    rows = [json.loads(line) for line in SPLIT.read_text(encoding="utf-8").splitlines()]
    assert Counter(row["offer"] for row in rows) == {True: 48, False: 48}
    listings: list[Listing] = [(row["title"], row["text"], ["\n".join(row["picture_lines"])]) for row in rows]
    own, found = verdicts(judge, listings)
    offers = [row["offer"] for row in rows]
    assert flagged([v for v, offer in zip(found, offers, strict=True) if offer]) >= 43
    assert flagged([v for v, offer in zip(found, offers, strict=True) if not offer]) <= 6
    assert flagged([v for v, offer in zip(own, offers, strict=True) if offer]) <= 36  # else the texts are no halves
