"""What goes into an index: every field mapped, contacts masked and keyed, nothing personal in the file's bytes."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, update

from adwatch.errors import SearchError
from adwatch.models import Contact
from adwatch.search import Query, SearchIndex, push, verify
from adwatch.search.document import BREAK, cover_numbers, cover_unread
from adwatch.search.embedded import EmbeddedIndex
from adwatch.search.fields import BODY_FIELDS, FIELDS, FOLDER, templates
from adwatch.search.keys import contact_form, contact_key, contact_secret, typed_contact
from adwatch.search.snippet import IN_PICTURE, WIDTH, snippet
from adwatch.store import schema as s
from adwatch.store.engine import writing
from adwatch.text import normal
from adwatch.text.fold import normal_many
from tests.search.world import Item, World, phone_item, picture_address


def test_the_template_files_are_generated_from_the_fields() -> None:
    made = templates()
    assert {file.name for file in FOLDER.glob("*.json")} == set(made)
    for name, content in made.items():
        text = (FOLDER / name).read_text(encoding="utf-8")
        assert json.loads(text) == content, "run python -m adwatch.search.fields"
    assert made["component-fields.json"]["template"]["mappings"]["dynamic"] == "strict"
    assert len({f.name for f in FIELDS}) == len(FIELDS)
    assert all(f.meaning for f in FIELDS)


def test_every_field_is_filled_by_some_stage_and_every_stages_field_is_mapped(
    engine: Engine, index: SearchIndex, world: World
) -> None:
    """The mapping is strict: a field that is not in it would be refused; one that nothing fills is missed here."""
    item = phone_item("1")
    item.state, item.url, item.seller_name = "confirmed", "https://Shop.example/1?spm=2", "某某店 13812345678"
    item.pictures = ("七天出证", "扫码 13912345678")
    world.add([item])
    world.work_on(item)
    report = push(engine, index)
    assert (report.kept, report.dropped["refused"]) == (1, 0)
    (hit,) = index.search(Query("包过")).hits
    machine = {each for each in BODY_FIELDS if each.startswith("machine_")}
    assert set(BODY_FIELDS) - set(hit.body) == machine
    assert set(hit.body) <= set(BODY_FIELDS)
    assert hit.body["url_norm"] == "https://shop.example/1"
    assert hit.body["posted_at"] == hit.body["first_flagged_at"] == "2026-11-20T03:04:05.678Z"
    assert hit.body["seller_name"] == "某某店 ***********"
    assert hit.body["contact_keys"] == [contact_key(index.secret, "13812345678")]
    assert (hit.body["disguises"], hit.body["keyword_lists"]) == (["homophone", "separators"], ["guaranteed_pass"])
    assert (hit.body["decision"], hit.body["decision_unit"]) == ("confirmed", "某局")
    assert (hit.body["takedown_word"], hit.body["takedown_state"]) == ("up", "sent")
    assert hit.body["takedown_deadline_at"] == "2026-11-20T03:04:05.678Z"
    assert hit.body["console_path"] == "/cases/1"
    assert hit.body["picture_text"] == ["七天出证", "扫码 ***********"]
    assert not {"person", "decision_person", "operator_name"} & set(hit.body)
    world.correct(item, scope="other_credential", types=["forged_or_traded"], families=["construction"])
    push(engine, index)
    (now,) = index.search(Query("包过")).hits
    assert set(BODY_FIELDS) - set(now.body) == {"basis"}, "the machine's articles are not those of other classes"
    names = ("scope", "offer_types", "certificate_kinds")
    given = ["other_credential", ["forged_or_traded"], ["construction"]]
    assert [now.body[each] for each in names] == given
    assert [now.body[each] for each in ("decided_scope", "decided_types", "decided_families")] == given
    assert [now.body[f"machine_{each}"] for each in names] == [hit.body[each] for each in names]
    with writing(engine) as connection:
        connection.execute(update(s.case).values(state="reopened"))
    world.touch(item)
    push(engine, index)
    (again,) = index.search(Query("包过")).hits
    assert [again.body[each] for each in names] == [hit.body[each] for each in names], "the machine found anew"
    assert not machine & set(again.body)


def test_a_listing_without_a_case_has_nothing_of_casework(engine: Engine, index: SearchIndex, world: World) -> None:
    world.add([phone_item("1")])
    push(engine, index)
    (hit,) = index.search(Query("包过")).hits
    assert not {"case_id", "decision", "takedown_number", "console_path", "state"} & set(hit.body)


def test_no_contact_is_in_the_bytes_of_the_index(engine: Engine, tmp_path: Path, world: World) -> None:
    title, text = "证 微信 zhengjian_888", "电话138-1234-5678 店 abc"
    contacts = (
        Contact("wechat", 5, 17, "zhengjian_888", "zh*********88"),
        Contact("phone", len(title) + 3, len(title) + 16, "13812345678", "138******5678"),
    )
    contacts = (Contact("wechat", 5, 18, "zhengjian_888", "zh*********88"), contacts[1])
    item = Item("1", title, text, band="flagged", contacts=contacts, seller_name="zhengjian_888的店")
    assert f"{title}\n{text}"[5:18] == "zhengjian_888"
    assert f"{title}\n{text}"[contacts[1].start : contacts[1].end] == "138-1234-5678"
    world.add([Item("1", title, text, band=None)])
    index = EmbeddedIndex(tmp_path)
    push(engine, index)
    world.add([item])
    push(engine, index)
    index.close()
    content = b"".join(f.read_bytes() for f in tmp_path.glob("search.db*"))
    for secret in ("zhengjian", "12345678", "1234-5678", "13812345678", " ".join("1381234")):
        assert secret.encode() not in content
    assert "电话".encode() in content
    (hit,) = index.search(Query("1381234 5678")).hits
    assert hit.body["text"] == "电话138******5678 店 abc"


def test_words_of_pictures_are_found_masked_each_for_itself_once_the_verdict_knows_them(
    engine: Engine, index: SearchIndex, world: World
) -> None:
    item = Item("1", "电工证", "看图", band="clear", pictures=("免考 薇信 zheng_777", "包过七天出证"))
    world.add([item, Item("2", "电工", "不过")])
    [(_, digest)] = [picture_address(1, 0)]
    contact = {"kind": "wechat", "start": 6, "end": 15, "value": "zheng_777", "masked": "zh*****77"}
    said = {"sha256": digest, "contacts": [contact]}
    with writing(engine) as connection:
        connection.execute(update(s.verdict).where(s.verdict.c.version_id == 1).values(detail={"pictures": [said]}))
        connection.execute(update(s.picture_version).values(state="begun"))
    push(engine, index)
    assert not index.search(Query("七天出证", everything=True)).hits, "its verdict is of before"
    with writing(engine) as connection:
        connection.execute(update(s.picture_version).values(state="whole"))
    world.touch(item)
    push(engine, index)
    (hit,) = index.search(Query("七天 出证", everything=True)).hits
    assert hit.body["picture_text"] == ["免考 薇信 zh*****77", "包过七天出证"]
    line, spans = hit.snippet()
    assert (line, [line[a:b] for a, b in spans]) == (f"{IN_PICTURE}包过七天出证", ["七天出证"])
    assert len(index.search(Query("zheng_777", everything=True)).hits) == 1  # by the contact's key alone
    assert not index.search(Query("heng777", everything=True)).hits
    for across in ("看图免考", "77包过"):
        assert not index.search(Query(across, everything=True)).hits
    assert list(index.holding(["出证"])) == [item.listing_id]
    assert verify(engine, index).equal


def test_the_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    secret = contact_secret(tmp_path / "new")
    file = tmp_path / "new" / "contact.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert contact_secret(tmp_path / "new") == secret == file.read_bytes()
    assert len(list((tmp_path / "new").iterdir())) == 1
    assert contact_key(secret, "13812345678") != contact_key(b"x" * 32, "13812345678")
    file.write_bytes(b"short")
    with pytest.raises(SearchError, match="32 bytes"):
        contact_secret(tmp_path / "new")


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("138 1234 5678", "13812345678"),
        ("+86-138-1234-5678", "13812345678"),
        ("８６１３８１２３４５６７８", "13812345678"),
        ("0351-7654321", "03517654321"),
        ("Abc_12345", "abc_12345"),
        ("a.b@Example.com", "a.b@example.com"),
    ],
)
def test_contacts_are_hashed_in_one_form(typed: str, form: str) -> None:
    assert contact_form(typed) == form


@pytest.mark.parametrize(
    ("query", "contact"),
    [
        ("13812345678", "13812345678"),
        ("微信号：abc_123456", "abc_123456"),
        ("QQ 12345678", "12345678"),
        ("vx:Zheng-123", "zheng-123"),
        ("12345", None),
        ("abcde", None),
        ("电工证包过", None),
        ("price 300", None),
        ("2026年", None),
    ],
)
def test_what_looks_like_a_contact(query: str, contact: str | None) -> None:
    assert typed_contact(query) == contact


def test_unread_texts_are_covered_at_the_same_length() -> None:
    for raw, covered in (
        ("电话 138 1234 5678 价 300", "电话 ************* 价 300"),
        ("微 abc_12345 包过", "微 ********* 包过"),
        ("T恤 vx ok 2026", "T恤 vx ok 2026"),
    ):
        assert cover_unread(raw) == covered
        assert len(covered) == len(raw)
    assert cover_numbers("abc_defg １２３４５６") == "abc_defg ******"


def test_the_break_is_a_token_that_no_fold_gives() -> None:
    assert normal(BREAK) == "" and ord(BREAK) > 127 and not BREAK.isspace()


@given(st.lists(st.text()))
def test_many_texts_fold_as_each(texts: list[str]) -> None:
    assert normal_many(texts) == [normal(text) for text in texts]


def test_snippet_shows_the_place_of_the_hit() -> None:
    text = "前" * 200 + "\n免\u200b考，" + "后" * 200
    line, spans = snippet("标题", text, "免考")
    assert len(line) <= WIDTH and "\n" not in line and "\u200b" not in line
    assert [line[a:b] for a, b in spans] == ["免 考"]
    assert snippet("标题免考", "正文", "免考")[0] == "标题免考"
    assert snippet("标题", "正文", "") == ("正文", ())
    assert snippet(None, None, "证") == ("", ())
