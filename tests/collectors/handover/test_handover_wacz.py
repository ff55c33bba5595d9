"""WACZ: the pages of the WARC files inside, digests checked; bombs and damage are refused without losing the rest."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping

import pytest

from collectors.handover import wacz

from .conftest import Read
from .test_handover_warc import archive, page


def _wacz(files: Mapping[str, bytes], manifest: object = None, how: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
        if manifest is not None:
            packed.writestr("datapackage.json", manifest if isinstance(manifest, str) else json.dumps(manifest))
    return out.getvalue()


def _manifest(files: Mapping[str, bytes]) -> dict[str, object]:
    rows = [{"path": name, "hash": f"sha256:{hashlib.sha256(body).hexdigest()}"} for name, body in files.items()]
    return {"profile": "data-package", "wacz_version": "1.1.1", "resources": rows}


FILES = {
    "archive/a.warc.gz": archive(page(url="https://a.cn/1"), page(url="https://a.cn/2"), packed=True),
    "archive/b.warc": archive(page(url="https://a.cn/3")),
    "pages/pages.jsonl": b'{"format": "json-pages-1.0"}\n',
}


def test_pages_of_all_its_archives(read: Read) -> None:
    result = read("crawl.wacz", _wacz(FILES, _manifest(FILES)))
    assert result.reasons == []
    assert result.ids == ["https://a.cn/1", "https://a.cn/2", "https://a.cn/3"]
    assert [one.capture_row for one in result.listings] == [2, 3, 5]
    assert result.report.notes == []
    assert result.listings[0].title == "低压电工证 - 某某网"


def test_its_name_does_not_matter(read: Read) -> None:
    assert len(read("hand-over.zip", _wacz(FILES, _manifest(FILES))).listings) == 3


def test_a_changed_file_is_named(read: Read) -> None:
    manifest = _manifest({**FILES, "archive/b.warc": b"other"})
    result = read("crawl.wacz", _wacz(FILES, manifest))
    assert len(result.listings) == 3
    assert result.reasons == [("altered", "crawl.wacz:archive/b.warc")]


@pytest.mark.parametrize("manifest", [None, "{", "[]", '{"resources": [{"path": 1, "hash": 2}]}', "[" * 100_000])
def test_without_a_list_of_digests_it_is_read_and_said(read: Read, manifest: str | None) -> None:
    result = read("crawl.wacz", _wacz(FILES, manifest))
    assert len(result.listings) == 3
    assert "digests are not checked" in result.report.notes[0]


def test_a_bomb_is_refused_and_the_rest_kept(read: Read) -> None:
    bomb = archive(page()) + b"\0" * 40_000_000
    result = read("crawl.wacz", _wacz({"archive/0.warc": bomb, **FILES}, how=zipfile.ZIP_DEFLATED))
    assert [reason for reason, _ in result.reasons] == ["too_large"]
    assert set(result.ids) >= {"https://a.cn/2", "https://a.cn/3"}


def test_too_many_archives(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wacz, "MEMBERS_LIMIT", 1)
    assert [reason for reason, _ in read("crawl.wacz", _wacz(FILES)).reasons] == ["too_large"]


def test_damage_costs_one_file_only(read: Read) -> None:
    content = bytearray(_wacz(FILES, _manifest(FILES)))
    at = content.index(FILES["archive/a.warc.gz"]) + len(FILES["archive/a.warc.gz"]) - 40
    content[at] ^= 0xFF
    result = read("crawl.wacz", bytes(content))
    assert "https://a.cn/3" in result.ids
    assert {reason for reason, _ in result.reasons} <= {"corrupt", "altered"}
    assert result.refused


@pytest.mark.parametrize("size", [10, 100, 500, 1500])
def test_a_cut_off_one_is_refused(read: Read, size: int) -> None:
    result = read("crawl.wacz", _wacz(FILES)[:-size])
    assert result.refused or result.listings


def test_a_wacz_that_is_cut_off_says_what_it_is(read: Read) -> None:
    files = {"archive/data.warc": archive(page()), "pages/pages.jsonl": b"{}\n"}
    whole = _wacz(files, _manifest(files))
    for name in ("page.wacz", "page.zip"):
        [refused] = read(name, whole[: len(whole) * 2 // 3]).refused
        assert refused.reason == "truncated"
        assert refused.message.startswith("WACZ 网页存档不完整")
    assert read("table.xlsx", _wacz({"xl/workbook.xml": b"<a/>" * 99})[:200]).refused[0].reason != "truncated"
