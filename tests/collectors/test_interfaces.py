"""Open interfaces with keys against stand-ins of them: every item found, every refusal its own word, no key anywhere."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adwatch.app import Office
from adwatch.app.patrol import check
from adwatch.models import Listing
from tests.collectors.interface_office import Patrol, office_with, patrolled
from tests.standins.gateway import SECRET, Gateway, Key
from tests.standins.goods import matching
from tests.standins.jd_union import JdUnion
from tests.standins.pdd_ddk import PddDdk
from tests.standins.server import running
from tests.standins.tbk import Tbk
from tests.standins.weibo import Weibo

TERM = "电工证"
OTHER = "免考"
NOWHERE = "没有这样的东西"


@dataclass(frozen=True)
class Face:
    """One interface: platform file, stand-in, name of its key."""

    name: str
    make: Callable[..., Gateway]
    key: str
    signed: bool = True

    def keys(self, name: str = "good") -> dict[str, dict[str, str]]:
        return {self.key: {"id": name, "secret": SECRET} if self.signed else {"token": name}}


FACES = (
    Face("jd_union", JdUnion, "jd_union"),
    Face("pdd_ddk", PddDdk, "pdd_ddk"),
    Face("taobao_tbk", Tbk, "taobao_tbk"),
    Face("taobao_tbk_classic", Tbk, "taobao_tbk"),
    Face("weibo_commercial", Weibo, "weibo", signed=False),
)
BY_NAME = {face.name: face for face in FACES}
every = pytest.mark.parametrize("face", FACES, ids=lambda face: face.name)


@contextmanager
def patrol_of(
    face: Face, folder: Path, given: Any = None, more: str = "", **switches: Any
) -> Iterator[tuple[Office, Any]]:
    standin = face.make(**switches)
    more = more or ("interface: {parameters: {adzone_id: '123'}}\n" if face.make is Tbk else "")
    with running(standin.app()) as base, office_with(folder, base, face.name, given or face.keys(), more) as office:
        yield office, standin


def listings(found: Patrol) -> dict[str, Listing]:
    assert all(isinstance(each, Listing) for each in found.listings), found.listings
    return {each.native_id: each for each in found.listings if isinstance(each, Listing)}


def everything_written(office: Office) -> bytes:
    """All files of the office, packed ones opened."""
    out = []
    for file in sorted(office.home.rglob("*")):
        if file.is_file():
            data = file.read_bytes()
            out.append(gzip.decompress(data) if file.suffix == ".gz" and data else data)
    return b"\n".join(out)


@every
def test_every_item_is_found_once_with_its_fields(face: Face, tmp_path: Path) -> None:
    with patrol_of(face, tmp_path) as (office, standin):
        found = patrolled(office, [TERM, OTHER, NOWHERE])
    goods = {good.number: good for word in (TERM, OTHER) for good in matching(word)}
    assert found.trouble == []
    assert found.tally.complete
    assert found.tally.terms_empty == 1
    by_title = {str(each.title or each.text): each for each in listings(found).values()}
    assert len(by_title) == len(goods)
    for good in goods.values():
        title = good.title if face.signed else f"{good.title} {good.description}"
        each = by_title[title]
        assert str(each.seller_id).endswith(str(good.seller_id))
        assert each.seller_name is not None
        assert each.images
        if face.signed:
            assert each.price_fen in (good.price, good.list_price)
    sizes = {"jd_union": 30, "weibo_commercial": 50}
    pages = sum(max(1, -(-len(matching(word)) // sizes.get(face.name, 100))) for word in (TERM, OTHER, NOWHERE))
    assert len(standin.log) <= pages + 1  # a zero has no total: nothing is asked twice


@pytest.mark.parametrize(
    ("name", "switches"),
    [
        ("jd_union", {"old": True}),
        ("jd_union", {"payload_as_object": True}),
        ("jd_union", {"code_as_int": True}),
        ("pdd_ddk", {"mall_sn": True}),
        ("pdd_ddk", {"strict_list": False}),
        ("taobao_tbk", {"empty_as_error": True}),
        ("taobao_tbk_classic", {"empty_as_error": True, "code_as_text": True}),
        ("weibo_commercial", {"code_as_text": False}),
    ],
    ids=str,
)
def test_both_readings_of_what_is_not_sure_are_read(name: str, switches: dict[str, Any], tmp_path: Path) -> None:
    with patrol_of(BY_NAME[name], tmp_path, **switches) as (office, _standin):
        found = patrolled(office, [NOWHERE, TERM])
    assert found.trouble == []
    assert len(listings(found)) == len(matching(TERM))
    assert found.tally.terms_empty == 1


@every
def test_a_key_without_the_right_is_no_permission(face: Face, tmp_path: Path) -> None:
    for name in ("no-permission", "elsewhere"):
        with patrol_of(face, tmp_path / name, face.keys(name)) as (office, standin):
            found = patrolled(office, [TERM, OTHER])
        assert found.trouble == [("blocked", "no_permission")]
        assert len(standin.log) == 1  # the other term is not asked


@every
def test_a_wrong_or_a_missing_key_is_bad_key(face: Face, tmp_path: Path) -> None:
    wrong = [{face.key: {"id": "unknown", "secret": SECRET, "token": "unknown"}}]
    if face.signed:
        wrong.append({face.key: {"id": "good", "secret": "another-secret"}})
    for number, keys in enumerate(wrong):
        with patrol_of(face, tmp_path / str(number), keys) as (office, standin):
            found = patrolled(office, [TERM, OTHER])
        assert found.trouble == [("error", "bad_key")]
        assert len(standin.log) == 1
    with patrol_of(face, tmp_path / "none", {"x": {"id": "1"}}) as (office, standin):
        found = patrolled(office, [TERM, OTHER])
    assert [event.outcome for event in found.events] == ["error"]
    assert "bad_key" in found.events[0].message
    assert "ADWATCH_KEYS" in found.events[0].message
    assert standin.log == []


@pytest.mark.parametrize("name", ["jd_union", "taobao_tbk"])
def test_a_clock_that_is_wrong_is_bad_clock(name: str, tmp_path: Path) -> None:
    with patrol_of(BY_NAME[name], tmp_path, now=lambda: time.time() + 3600) as (office, _standin):
        found = patrolled(office, [TERM])
    assert found.trouble == [("error", "bad_clock")]


@pytest.mark.slow
@pytest.mark.parametrize("face", FACES[:4], ids=lambda face: face.name)
def test_too_often_waits_and_goes_on(face: Face, tmp_path: Path) -> None:
    with patrol_of(face, tmp_path, burst=1) as (office, standin):
        found = patrolled(office, [TERM, OTHER])
    assert found.trouble == []
    assert found.tally.complete
    assert len(listings(found)) == len({good for word in (TERM, OTHER) for good in matching(word)})
    assert len(standin.log) > len(found.captures)


def test_an_hourly_limit_without_a_time_leaves_the_rest_for_later(tmp_path: Path) -> None:
    with patrol_of(BY_NAME["weibo_commercial"], tmp_path, burst=0) as (office, standin):
        found = patrolled(office, [TERM, OTHER])
    assert found.tally.spent
    assert found.trouble == []
    assert len(standin.log) == 1


def test_a_ban_of_an_hour_leaves_the_rest_for_later(tmp_path: Path) -> None:
    with patrol_of(BY_NAME["taobao_tbk"], tmp_path, burst=0, ban=3600) as (office, standin):
        found = patrolled(office, [TERM, OTHER])
    assert found.tally.spent
    assert not found.tally.complete
    assert found.trouble == []
    assert len(standin.log) == 1


@every
def test_the_quota_of_a_key_is_counted_for_all_platforms_that_use_it(face: Face, tmp_path: Path) -> None:
    with patrol_of(face, tmp_path, more="interface: {quota: 1, parameters: {adzone_id: '123'}}\n") as (office, standin):
        first = patrolled(office, [TERM, OTHER])
        second = patrolled(office, [TERM])
    assert first.tally.spent
    assert second.tally.spent
    assert len(standin.log) == 1
    assert office.platforms["here"].interface.quota == 1  # type: ignore[union-attr]


@every
@pytest.mark.parametrize("broken", ["500", "garbage", "half"])
def test_a_broken_answer_is_no_zero(face: Face, broken: str, tmp_path: Path) -> None:
    with patrol_of(face, tmp_path, broken=broken) as (office, _standin):
        found = patrolled(office, [TERM], sleep=lambda _seconds: None)
    assert not any(isinstance(each, Listing) for each in found.listings)
    assert {outcome for outcome, _ in found.trouble} <= {"unreachable", "layout_changed"}
    assert found.trouble
    assert not found.tally.complete


@every
def test_no_key_stands_in_anything_that_is_written(
    face: Face, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    secret, name = "s3cret-of-the-office-0123456789", "app-id-of-the-office-9876"
    keys = {face.key: {"id": name, "secret": secret} if face.signed else {"token": name}}
    with patrol_of(face, tmp_path, keys, keys={name: Key(secret)}) as (office, standin):
        found = patrolled(office, [TERM])
        standin.broken = "500"
        failed = patrolled(office, [OTHER], sleep=lambda _seconds: None)
        written = everything_written(office)
    assert len(listings(found)) == len(matching(TERM))
    assert failed.trouble
    told = "".join(event.message for event in [*found.events, *failed.events]) + "".join(capfd.readouterr())
    signatures = [seen.params["sign"] for seen in standin.log if "sign" in seen.params]
    assert len(signatures) == (len(standin.log) if face.signed else 0)
    for hidden in (secret, name, *signatures):
        assert hidden.encode() not in written
        assert hidden not in told
    assert TERM.encode() in written or TERM.encode("unicode_escape") in written


def test_an_answer_that_repeats_a_key_is_kept_without_it(tmp_path: Path) -> None:
    secret, name = "s3cret-of-the-office-0123456789", "app-id-of-the-office-9876"

    @dataclass
    class Telltale(JdUnion):
        def called(self, request: Any, params: dict[str, str]) -> dict[str, Any]:
            answer = super().called(request, params)
            return {**answer, "echo": {**params, "secret": self.keys[params["app_key"]].secret}}

    keys = {"jd_union": {"id": name, "secret": secret}}
    face = Face("jd_union", Telltale, "jd_union")
    with patrol_of(face, tmp_path, keys, keys={name: Key(secret)}) as (office, standin):
        found = patrolled(office, [TERM])
        written = everything_written(office)
    assert len(listings(found)) == len(matching(TERM))
    for hidden in (secret, name, *(seen.params["sign"] for seen in standin.log)):
        assert hidden.encode() not in written
    assert b"[removed]" in written


def test_a_look_names_the_refusal_and_not_the_layout(tmp_path: Path) -> None:
    keys = {"jd_union": {"id": "good", "secret": "not-the-one"}}
    with patrol_of(BY_NAME["jd_union"], tmp_path, keys) as (office, _standin):
        found = check(office, "here", "2026-11-22")
    assert (found["verdict"], found["findings"][0].split(":")[0]) == ("broken", "bad_key")
