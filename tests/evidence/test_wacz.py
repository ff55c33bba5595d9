from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from warcio.archiveiterator import ArchiveIterator

from adwatch.evidence.wacz import ArchivedPage, make_wacz, surt
from adwatch.ports import Exchange

AT = datetime(2026, 11, 18, 4, 0, 1, 234000, tzinfo=UTC)
URL = "https://www.shop.example/item?b=2&a=%E8%AF%81"


def exchange(url: str, body: bytes = b"<h1>x</h1>", status: int = 200, method: str = "GET", **more: str) -> Exchange:
    headers = (("Content-Type", "text/html; charset=utf-8"), ("Set-Cookie", "s=secret"))
    return Exchange("plaza", "2026-11-18", "page", url, method, AT, status, "OK", response_headers=headers, body=body, **more)


def made() -> bytes:
    exchanges = [
        exchange("https://www.shop.example/robots.txt", b"", 404),
        exchange(URL, "<h1>电工证</h1>".encode(), server_ip="192.0.2.1"),
        exchange("https://shop.example:8443/Pic.png", b"\x89PNG"),
        exchange("https://www.shop.example/api", b"{}", method="POST"),
    ]
    return make_wacz(exchanges, ArchivedPage(URL, "电工证", AT), "AdWatch/0", AT)


def test_every_member_is_named_with_its_digest() -> None:
    with zipfile.ZipFile(io.BytesIO(made())) as archive:
        package = orjson.loads(archive.read("datapackage.json"))
        digest = orjson.loads(archive.read("datapackage-digest.json"))
        names = {each.filename for each in archive.infolist()}
        assert {each.compress_type for each in archive.infolist()} == {zipfile.ZIP_STORED}
        for resource in package["resources"]:
            content = archive.read(resource["path"])
            assert resource["bytes"] == len(content)
            assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert digest["hash"] == f"sha256:{hashlib.sha256(archive.read('datapackage.json')).hexdigest()}"
        pages = [orjson.loads(line) for line in archive.read("pages/pages.jsonl").splitlines()]
    listed = {resource["path"] for resource in package["resources"]}
    assert names == listed | {"datapackage.json", "datapackage-digest.json"}
    assert package["wacz_version"] == "1.1.1"
    assert pages[1]["url"] == URL
    assert pages[1]["title"] == "电工证"
    assert pages[1]["ts"] == "2026-11-18T04:00:01.234Z"


def test_the_index_points_at_each_answer() -> None:
    with zipfile.ZipFile(io.BytesIO(made())) as archive:
        warc = archive.read("archive/data.warc.gz")
        lines = archive.read("indexes/index.cdx").decode().splitlines()
    assert lines == sorted(lines)
    assert len(lines) == 3  # a POST is archived, but no player asks for it by its address
    for line in lines:
        _key, stamp, fields = line.split(" ", 2)
        told = orjson.loads(fields)
        part = warc[int(told["offset"]) : int(told["offset"]) + int(told["length"])]
        record = next(iter(ArchiveIterator(io.BytesIO(part), check_digests="raise")))
        assert record.rec_type == "response"
        assert record.rec_headers.get_header("WARC-Target-URI") == told["url"]
        assert told["digest"] == f"sha256:{hashlib.sha256(record.content_stream().read()).hexdigest()}"
        assert stamp == "20261118040001"
    assert b"secret" not in b"".join(
        record.content_stream().read() + str(record.http_headers).encode()
        for record in ArchiveIterator(io.BytesIO(warc))
        if record.http_headers
    )


@pytest.mark.parametrize(
    ("url", "key"),
    [
        (URL, "example,shop)/item?a=%e8%af%81&b=2"),
        ("http://shop.example", "example,shop)/"),
        ("https://shop.example:8443/Pic.png", "example,shop:8443)/pic.png"),
        ("http://127.0.0.1:8790/a", "1,0,0,127:8790)/a"),
        ("https://a.b.example/x?q", "example,b,a)/x?q"),
    ],
)
def test_keys_of_the_index(url: str, key: str) -> None:
    assert surt(url) == key


@pytest.mark.slow
def test_the_validator_and_the_indexer_of_others_agree(tmp_path: Path) -> None:
    file = tmp_path / "page.wacz"
    file.write_bytes(made())
    tool = Path(sys.executable).with_name("wacz")
    valid = subprocess.run([tool, "validate", "-f", file], capture_output=True, text=True, check=False, timeout=240)
    assert "Validation succeeded" in valid.stdout, valid.stdout + valid.stderr
    with zipfile.ZipFile(file) as archive:
        archive.extract("archive/data.warc.gz", tmp_path)
        ours = sorted(line.split(" ")[0] for line in archive.read("indexes/index.cdx").decode().splitlines())
    indexer = Path(sys.executable).with_name("cdxj-indexer")
    warc = tmp_path / "archive" / "data.warc.gz"
    theirs = subprocess.run([indexer, "-s", warc], capture_output=True, text=True, check=True, timeout=240).stdout
    assert sorted(line.split(" ")[0] for line in theirs.splitlines() if "/api" not in line) == ours
    broken = tmp_path / "broken.wacz"
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(broken, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace("电工证".encode(), "电工政".encode()))
    refused = subprocess.run([tool, "validate", "-f", broken], capture_output=True, text=True, check=False, timeout=240)
    assert "Validation succeeded" not in refused.stdout
