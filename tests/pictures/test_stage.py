"""Pictures as a day's stage: the offer that stands only in a picture opens a case; each is read once; budgets, refusals,
robots; killed at every point the state becomes the same."""

from __future__ import annotations

import io
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import delete, select, update

from adwatch.app.casework import list_cases
from adwatch.app.pictures import read_pictures, status
from adwatch.errors import UsageError
from adwatch.pictures import reading as reading_module
from adwatch.pictures.reading import Reader
from adwatch.stages.classify import classify_backlog
from adwatch.store import schema as s
from adwatch.store.engine import reading, writing
from adwatch.store.views import versions_of
from tests.pictures.drawing import draw, encoded
from tests.pictures.gallery import DAY, Gallery, gallery, hand_over, killed, office

OFFER = {"id": "offer", "lines": ["电工操作证代办", "不用考试七天出证", "电话13800000999"], "layout": "poster"}
HARMLESS = {"id": "calm", "lines": ["不锈钢水杯", "五百毫升 包邮"], "layout": "list"}
FAKE = {
    "id": "fake",
    "lines": ["某某证书", "扫码查询真伪"],
    "how": "qr",
    "url": "http://cx.mem-gov-query.top/q?id=1",
    "layout": "certificate",
}


def shown() -> dict[str, bytes]:
    offer = draw(OFFER)
    picture = Image.open(io.BytesIO(offer))
    return {
        "offer.png": offer,
        "same.png": offer,
        "again.jpg": encoded(picture, "JPEG", 70),
        "calm.png": draw(HARMLESS),
        "fake.png": draw(FAKE),
        "broken.png": offer[:800],
        "drawn.png": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    }


def rows(site: Gallery) -> list[dict[str, Any]]:
    pictures = {
        "1": ["offer.png"],
        "2": ["calm.png"],
        "3": ["same.png", "again.jpg"],
        "4": ["broken.png", "drawn.png", "lost.png"],
        "5": ["fake.png"],
    }
    return [
        {
            "native_id": key,
            "title": "家居日用",
            "text": "款式请看图片",
            "images": [f"{site.url}/{name}" for name in names],
        }
        for key, names in pictures.items()
    ]


@pytest.fixture(scope="module")
def site(reader: Reader) -> Iterator[Gallery]:
    with gallery(shown()) as server:
        yield server


def test_an_offer_in_a_picture_opens_a_case_and_each_picture_is_read_once(
    site: Gallery, tmp_path: Path, reader: Reader
) -> None:
    before = site.asked.copy()
    with office(tmp_path) as at:
        hand_over(at, rows(site))
        assert list_cases(at) == []
        counts = read_pictures(at, DAY, reader=reader).counts
        assert (counts["read"], counts["same"], counts["findings"]) == (3, 2, 1)
        assert (counts["broken"], counts["svg"], counts["gone"]) == (1, 1, 1)
        asked = site.asked - before
        assert all(asked[name] == 1 for name in shown())
        assert read_pictures(at, DAY, reader=reader).kept == 0
        assert site.asked - before == asked
        told = status(at, DAY)
        assert (told["waiting"], told["today"]) == (0, 8)
        cases = list_cases(at)
        assert {case["native_id"] for case in cases} == {"1", "3", "5"}
        assert next(case for case in cases if case["native_id"] == "5")["offer_types"] == ["fake_lookup_site"]
        assert "13800000999" not in str(cases)
        with reading(at.engine) as connection:
            sites = [row.name for row in connection.execute(select(s.site))]
            assert sites == ["cx.mem-gov-query.top"]
            views = versions_of(connection, connection.scalars(select(s.listing.c.id)))
        of = {found[0].listing.native_id: found[0].verdict for found in views.values()}
        [finding] = of["1"].pictures if of["1"] else ()
        first = finding.evidence[0]
        assert finding.text[first.start : first.end] == first.surface
        assert finding.contacts[0].value == "13800000999"
        assert of["2"] is not None
        assert of["2"].band == "clear"


@pytest.mark.slow
def test_budgets_of_a_day_are_kept_and_the_rest_is_read_on_the_next(
    site: Gallery, tmp_path: Path, reader: Reader
) -> None:
    with office(tmp_path, pictures_per_day=3) as at:
        hand_over(at, rows(site))
        first = read_pictures(at, DAY, reader=reader)
        assert status(at, DAY)["today"] == 3
        assert "ADWATCH_PICTURES_PER_DAY" in first.notes[-1]
        assert read_pictures(at, DAY, reader=reader).kept == 0
        read_pictures(at, "2026-11-21", reader=reader)
        read_pictures(at, "2026-11-22", reader=reader)
        assert status(at, "2026-11-22")["waiting"] == 0


def test_what_robots_txt_forbids_is_not_fetched_and_asked_for_on_three_days_only(
    reader: Reader, tmp_path: Path
) -> None:
    with gallery(shown(), "User-agent: *\nDisallow: /\n") as closed, office(tmp_path) as at:
        hand_over(at, rows(closed)[:1])
        for day in ("2026-11-20", "2026-11-21", "2026-11-22"):
            assert status(at, day)["waiting"] == 1
            assert read_pictures(at, day, reader=reader).counts["robots"] == 1
            assert status(at, day)["waiting"] == 0
        assert closed.asked["offer.png"] == 0
        assert status(at, "2026-11-23")["waiting"] == 0


def test_without_the_reader_it_is_said_and_nothing_is_done(
    site: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_module, "NEEDED", ("a-package-that-is-not-there",))
    with office(tmp_path) as at:
        hand_over(at, rows(site)[:1])
        with pytest.raises(UsageError, match="a-package-that-is-not-there is not installed"):
            read_pictures(at, DAY)
        assert status(at, DAY)["missing"]


@pytest.mark.slow
def test_a_new_classifier_reads_the_words_of_pictures_too(site: Gallery, tmp_path: Path, reader: Reader) -> None:
    with office(tmp_path) as at:
        hand_over(at, rows(site)[:2])
        read_pictures(at, DAY, reader=reader)
        with writing(at.engine) as connection:
            connection.execute(delete(s.verdict))
            connection.execute(update(s.classifier).values(classified_to=0))
        classify_backlog(at.classifier, DAY)
        with reading(at.engine) as connection:
            bands = connection.execute(select(s.verdict.c.band).order_by(s.verdict.c.version_id)).scalars().all()
        assert sorted(bands) == ["clear", "flagged"]


@pytest.mark.slow
def test_killed_at_every_point_the_state_becomes_the_same(site: Gallery, tmp_path: Path, reader: Reader) -> None:
    handed = [rows(site)[at] for at in (0, 2, 4)]
    with office(tmp_path, "begun") as at:
        hand_over(at, handed)
    shutil.copytree(tmp_path / "begun", tmp_path / "whole")
    with office(tmp_path, "whole") as at:
        read_pictures(at, DAY, reader=reader)
        wanted = list(at.dump())
    points = ("capture.after_commit@2", "picture.before_commit@2", "picture.after_commit@3", "picture.version_done@2")
    for number, point in enumerate((*points, "classify.before_commit@2", "classify.after_commit@2")):
        name = f"killed{number}"
        shutil.copytree(tmp_path / "begun", tmp_path / name)
        assert killed(tmp_path, name, point) == -signal.SIGKILL, point
        with office(tmp_path, name) as at:
            read_pictures(at, DAY, reader=reader)
            assert list(at.dump()) == wanted, point
