"""A small office in this process: two dozen handed-over listings, judged by one judge that all tests share."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from adwatch.app.ingest import ingest
from adwatch.app.office import Office
from adwatch.settings import load_settings
from classifiers.judge import OfferJudge
from tests.conftest import FixedClock
from tests.store.databases import with_store

DAY = "2026-11-18"
OFFERS = (
    "低压电工证包过，不过退全款，加微信 dgb77120 咨询，身份证照片发来就能报。",
    "叉车N1证，不用培训不用考试，拍照就行，七天到手，微信同号13900001188。",
    "登高作业证代考，考不过不收钱，有需要加V：dgzy3390。",
    "塔吊司机证、信号工证当天拿证，提供照片和身份证号就行，13700002266 刘经理。",
    "三类人员B证不用来人，全程代办代考，出证快，联系微信 slry2468。",
    "锅炉证G1加急三天出，不耽误上岗，全国可查，滴滴我 glz1357。",
    "考试当天远程协助答题，低压电工理论实操都管，过后付尾款，微信 yccz6060。",
    "高价收安全员证、建造师证挂项目，人不用来，社保我们交，微信 sz88990。",
    "焊工证免考直接拿，交资料一周寄到家，要的联系微信 hgz5521x。",
    "架子工证两天下证，全国通用，上网能查，要的抓紧 13200001199。",
)
OTHERS = (
    "小区东门新开了一家包子铺，早上六点就开门，豆浆现磨的。",
    "出一台九成新的电动车，电池去年换的，带发票，自提。",
    "我校特种作业培训班本月开课，须本人参加培训和考试，考试合格后由主管部门发证。",
    "电工专用绝缘手套，劳保用品，当天发货。",
)


def handed(file: Path, texts: tuple[str, ...]) -> Path:
    """Texts as a handed-over file."""
    rows = [json.dumps({"native_id": str(n), "text": text}, ensure_ascii=False) for n, text in enumerate(texts, 1)]
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def shipped() -> OfferJudge:
    """The shipped judge, loaded once."""
    return OfferJudge.load()


@pytest.fixture
def office(tmp_path: Path, shipped: OfferJudge, clock: FixedClock) -> Iterator[Office]:
    """An office with ten offers and four other listings, classified and indexed."""
    with Office(load_settings(home=with_store(tmp_path / "home"), unit="测试局"), clock) as opened:
        opened.judge = shipped
        ingest(opened, handed(tmp_path / "handed.jsonl", OFFERS + OTHERS), "移交", DAY)
        yield opened
