"""The case's page shows the words of pictures, masked; the picture with its boxes is behind unmasking, and in the log."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adwatch.app.case_pictures import COLOURS
from adwatch.app.casework import list_cases
from adwatch.app.pictures import read_pictures
from adwatch.casework import sign_in
from adwatch.casework.shown import show
from adwatch.pictures.reading import Reader
from adwatch.store import schema as s
from adwatch.store.engine import reading
from adwatch.store.views import as_offered, versions_of
from tests.console.site import running, text
from tests.pictures.drawing import draw
from tests.pictures.gallery import DAY, gallery, hand_over, office

PHONE, NUMBER = "13800000999", "T110101199003070001"
OFFER = {
    "id": "offer",
    "lines": ["电工操作证代办", "不用考试七天出证", f"电话{PHONE}", f"样本编号 {NUMBER}"],
    "layout": "list",
    "how": "qr",
    "url": "http://cx.mem-gov-query.top/q?id=1",
}


def reddish(picture: Image.Image, colour: str) -> int:
    """Pixels near a colour."""
    wanted = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)])
    return int((np.abs(np.asarray(picture.convert("RGB")).astype(int) - wanted).sum(axis=2) < 90).sum())


def test_the_reviewer_sees_the_words_masked_and_the_boxes_after_a_reason(
    tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    with gallery({"a.png": draw(OFFER)}) as shown, office(tmp_path) as at:
        hand_over(at, [{"native_id": "1", "title": "家居日用", "text": "见图", "images": [f"{shown.url}/a.png"]}])
        read_pictures(at, DAY, reader=reader)
        [case] = list_cases(at)
        with reading(at.engine) as connection:
            [view] = map(as_offered, versions_of(connection, [1]).values())
            [digest] = connection.execute(s.picture.select().with_only_columns(s.picture.c.sha256)).scalars()
        told = show(view)
        assert any("图片文字" in quote and "不用考试" in quote for quote in told.quotes)
        assert PHONE not in str(told)
        assert told.contacts
        with running(at) as site:
            site.account("reviewer", "reviewer")
            client = site.client("reviewer")
            page = f"/cases/{case['case_id']}"
            seen = text(client.get(page))
            assert "图片文字 1" in seen and "<mark>" in seen and "疑似仿冒查询" in seen
            assert "校验位不符" in seen
            assert PHONE not in seen and NUMBER not in seen
            assert client.get(f"{page}/picture/{digest}").status == 400
            raw = client.post(f"{page}/unmask", {"reason": "核对图片"}, page=page)
            assert f"{page}/picture/{digest}" in text(raw)
            answer = client.get(f"{page}/picture/{digest}")
            assert answer.status == 200
            picture = Image.open(io.BytesIO(answer.data))
            assert all(reddish(picture, colour) > 50 for colour in COLOURS.values())
            assert client.get(f"{page}/picture/{'0' * 64}").status == 400
