"""Pictures as a day's stage: the offer that stands only in a picture opens a case; each is read once; budgets, refusals,
robots; killed at every point the state becomes the same."""

from __future__ import annotations

import io
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from adwatch.pictures.reading import Reader
from tests.app.conftest import Command
from tests.pictures.drawing import draw, encoded
from tests.pictures.gallery import DAY, Gallery, gallery, hand_over, office

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


def listed(command: Command) -> dict[str, dict[str, Any]]:
    return {row["native_id"]: row for row in command.rows("search", "家居日用", "--all")}


def test_an_offer_in_a_picture_opens_a_case_and_each_picture_is_read_once(site: Gallery, tmp_path: Path) -> None:
    command = office(tmp_path)
    hand_over(command, tmp_path, rows(site))
    before = site.asked.copy()
    [row] = command.rows("pictures", "read", "--day", DAY)
    counts = row["counts"]
    assert counts["read"] == 3
    assert counts["same"] == 2
    assert {word: counts[word] for word in ("broken", "svg", "gone")} == {"broken": 1, "svg": 1, "gone": 1}
    assert counts["findings"] == 1
    cases = command.rows("review", "list")
    assert len(cases) == 3
    command.ok("index", "push")
    assert {key for key, found in listed(command).items() if found["flagged"]} == {"1", "3", "5"}
    asked = site.asked - before
    assert all(asked[name] == 1 for name in shown())
    [again] = command.rows("pictures", "read", "--day", DAY)
    assert again["versions"] == 0
    assert site.asked - before == asked
    [status] = command.rows("pictures", "status", "--day", DAY)
    assert (status["waiting"], status["today"]) == (0, 8)
    assert "13800000999" not in command.ok("review", "list", "--json")
    command.ok("evidence", "verify")


def test_budgets_of_a_day_are_kept_and_the_rest_is_read_on_the_next(site: Gallery, tmp_path: Path) -> None:
    command = office(tmp_path, pictures_per_day="3")
    hand_over(command, tmp_path, rows(site))
    [first] = command.rows("pictures", "read", "--day", DAY)
    [status] = command.rows("pictures", "status", "--day", DAY)
    assert status["today"] == 3
    assert "ADWATCH_PICTURES_PER_DAY" in first["notes"][0]
    [nothing] = command.rows("pictures", "read", "--day", DAY)
    assert nothing["counts"].get("read", 0) == 0
    command.rows("pictures", "read", "--day", "2026-11-21")
    command.rows("pictures", "read", "--day", "2026-11-22")
    [status] = command.rows("pictures", "status", "--day", "2026-11-22")
    assert status["waiting"] == 0


def test_what_robots_txt_forbids_is_not_fetched(reader: Reader, tmp_path: Path) -> None:
    del reader
    with gallery(shown(), "User-agent: *\nDisallow: /\n") as closed:
        command = office(tmp_path)
        hand_over(command, tmp_path, rows(closed)[:1])
        [row] = command.rows("pictures", "read", "--day", DAY)
        assert row["counts"]["robots"] == 1
        assert closed.asked["offer.png"] == 0
        [status] = command.rows("pictures", "status", "--day", DAY)
        assert status["waiting"] == 0
        assert command.rows("pictures", "status", "--day", "2026-11-21")[0]["waiting"] == 1


@pytest.mark.slow
def test_killed_at_every_point_the_state_becomes_the_same(site: Gallery, tmp_path: Path) -> None:
    whole = office(tmp_path, "whole")
    hand_over(whole, tmp_path, rows(site))
    whole.ok("pictures", "read", "--day", DAY)
    wanted = whole.dump()
    points = ("picture.fetched", "picture.before_commit@2", "picture.after_commit@3", "picture.version_done@2")
    for at, point in enumerate(
        (*points, "classify.before_commit@2", "classify.after_commit@2", "capture.after_commit@2")
    ):
        command = office(tmp_path, f"killed{at}")
        hand_over(command, tmp_path, rows(site))
        died = command.run("pictures", "read", "--day", DAY, ADWATCH_FAILPOINT=point)
        assert died.returncode == -signal.SIGKILL, (point, died.stderr.decode())
        command.ok("pictures", "read", "--day", DAY)
        assert command.dump() == wanted, point
