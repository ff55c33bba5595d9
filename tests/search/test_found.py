"""What is found is what a plain scan over the masked texts finds, in every engine, in the same order."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from adwatch.errors import UsageError
from adwatch.search import Query, SearchIndex, push
from adwatch.search.base import COUNTED, LONGEST_QUERY
from adwatch.search.document import documents
from adwatch.search.embedded import EmbeddedIndex
from adwatch.text import normal
from tests.search.conftest import ENGINES, close, make_engine, make_index
from tests.search.rows import row
from tests.search.world import ALPHABET, RARE, Item, World, phone_item, random_items

COUNT = 5200


@pytest.fixture(scope="module")
def items() -> list[Item]:
    """The corpus."""
    return random_items(COUNT)


@pytest.fixture(scope="module", params=ENGINES)
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, items: list[Item]
) -> Iterator[SearchIndex]:
    """An index of the corpus."""
    folder = tmp_path_factory.mktemp("filled")
    engine = make_engine(folder)
    World(engine).add(items)
    index = make_index(request.param, folder)
    assert push(engine, index).kept == COUNT
    yield index
    index.drop()
    close(index)
    engine.dispose()


def found(index: SearchIndex, text: str, **filters: object) -> list[str]:
    """Ids of the listings found, in order."""
    query = Query(text, **({"everything": True, "limit": None} | filters))  # type: ignore[arg-type]
    return [hit.body["listing_id"] for hit in index.search(query).hits]


def scan(items: list[Item], term: str) -> set[str]:
    """The plain scan over the masked texts."""
    wanted = normal(term)
    return {item.listing_id for item in items if any(wanted in part for part in item.folded)}


def random_terms(items: list[Item], count: int) -> list[str]:
    """Terms of 1 to 5 characters: cut out of the corpus, and random."""
    rnd = random.Random(11)
    terms: list[str] = []
    while len(terms) < count:
        length = rnd.randint(1, 5)
        source = rnd.choice(items)
        raw = rnd.choice((source.title or "", source.text or "", *source.pictures))
        if rnd.random() < 0.7 and len(raw) >= length:
            at = rnd.randrange(len(raw) - length + 1)
            term = raw[at : at + length]
        else:
            term = "".join(rnd.choices(ALPHABET + RARE * 5, k=length))
        if normal(term):
            terms.append(term)
    return terms


def test_500_random_terms_find_what_a_plain_scan_finds(filled: SearchIndex, items: list[Item]) -> None:
    hits = 0
    for term in random_terms(items, 500):
        expected = scan(items, term)
        answer = found(filled, term)
        assert len(answer) == len(set(answer))
        assert set(answer) == expected, term
        hits += len(expected)
    assert hits > 5000
    in_pictures = [normal(words)[:3] for item in items for words in item.pictures if len(normal(words)) >= 3]
    assert sum(set(found(filled, term)) == scan(items, term) for term in in_pictures[:50]) == 50


def test_order_is_flagged_score_first_day_id(filled: SearchIndex, items: list[Item]) -> None:
    def place(item: Item) -> tuple[bool, float, int, str]:
        return item.band != "flagged", -item.score, -int(item.first_day[-2:]), item.listing_id

    expected = [item.listing_id for item in sorted(items, key=place) if item.found_by("证")]
    assert found(filled, "证") == expected
    assert found(filled, "证", limit=25) == expected[:25]


def test_filters(filled: SearchIndex, items: list[Item]) -> None:
    def expect(**wanted: object) -> set[str]:
        return {i.listing_id for i in items if i.found_by("电") and all(getattr(i, k) == v for k, v in wanted.items())}

    assert set(found(filled, "电", everything=False)) == expect(band="flagged")
    assert set(found(filled, "电", platform="forum")) == expect(platform="forum")
    assert set(found(filled, "电", platform="forum", everything=False)) == expect(platform="forum", band="flagged")
    assert found(filled, "电", platform="nowhere") == []
    until = {i.listing_id for i in items if i.found_by("电") and i.first_day <= "2026-11-10"}
    assert set(found(filled, "电", last_day="2026-11-10")) == until
    assert set(found(filled, "电", first_day="2026-11-20")) == expect()
    assert found(filled, "电", first_day="2026-11-21") == []


def test_blank_finds_all_within_the_filters(filled: SearchIndex, items: list[Item]) -> None:
    assert len(found(filled, " ")) == COUNT
    flagged = [i for i in items if i.band == "flagged" and i.platform == "forum"]
    assert len(found(filled, "", everything=False, platform="forum")) == len(flagged)
    assert len(found(filled, "", limit=7)) == 7


def test_total_is_counted(filled: SearchIndex, items: list[Item]) -> None:
    answer = filled.search(Query("证", everything=True, limit=3))
    assert (len(answer.hits), answer.total, answer.exact) == (3, sum(i.found_by("证") for i in items), True)


def test_a_pasted_link_finds_its_listing(filled: SearchIndex, items: list[Item]) -> None:
    assert found(filled, "HTTPS://Shop.example/item?spm=other&id=42#top", limit=5) == [items[42].listing_id]
    assert found(filled, "https://shop.example/item?id=no", limit=5) == []


@pytest.mark.parametrize(
    "typed", ["13900000050", "139-0000-0050", "+86 139 0000 0050", "１３９００００００５０", "微信：13900000050"]
)
def test_a_typed_contact_finds_its_listings(filled: SearchIndex, items: list[Item], typed: str) -> None:
    assert items[50].listing_id in found(filled, typed, limit=5)
    assert items[150].listing_id not in found(filled, typed, limit=5)


def test_a_query_without_letters_is_refused(filled: SearchIndex) -> None:
    with pytest.raises(UsageError, match="no letter or digit"):
        filled.search(Query("！？"))
    with pytest.raises(UsageError, match=str(LONGEST_QUERY)):
        filled.search(Query("证" * (LONGEST_QUERY + 1)))


def test_many_hits_are_walked_in_the_same_order(
    filled: SearchIndex, items: list[Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond COUNTED matches the embedded index takes another plan."""
    if not isinstance(filled, EmbeddedIndex):
        pytest.skip("only the embedded index has two plans")
    queries = [Query("证", everything=True, limit=30), Query("电", limit=30, platform="shop"), Query("", limit=9)]
    joined = [filled.search(query) for query in queries]
    monkeypatch.setattr("adwatch.search.matching.COUNTED", 5)
    walked = [filled.search(query) for query in queries]
    assert [answer.hits for answer in walked] == [answer.hits for answer in joined]
    assert [(answer.total, answer.exact) for answer in walked] == [(5, False)] * 3
    assert COUNTED == 10_000


def test_by_pairs_or_by_single_characters_the_same_is_found(
    filled: SearchIndex, items: list[Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which of the two is cheaper must make no difference to hits, order, count or snippets."""
    if not isinstance(filled, EmbeddedIndex):
        pytest.skip("only the embedded index has pairs")
    queries = [Query(term, everything=True, limit=None) for term in random_terms(items, 300)]
    queries += [
        Query("电工", platform="forum", everything=True, limit=5),
        Query("包过", limit=7),
        Query("证电", first_day="2026-11-20", last_day="2026-11-30", everything=True),
        Query("https://shop.example/item?id=42", everything=True),
        Query("13900000050", everything=True),
    ]
    answers = []
    for dearer, looked_at in ((1, 10_000), (1, -1)):
        monkeypatch.setattr("adwatch.search.matching.DEARER", dearer)
        monkeypatch.setattr("adwatch.search.matching.LOOKED_AT", looked_at)
        found = [filled.search(query) for query in queries]
        held = sorted(filled.holding([query.text for query in queries[:300]]))
        answers.append(([(a.hits, a.total, a.exact, [hit.snippet() for hit in a.hits]) for a in found], held))
    assert answers[0] == answers[1]
    assert sum(len(hits) for hits, *_ in answers[0][0]) > 5000 and len(answers[0][1]) > 1000
    assert all(hits for hits, *_ in answers[0][0][-5:])


def test_substrings_of_words_and_the_border_of_title_and_text(engine: Engine, index: SearchIndex, world: World) -> None:
    item = Item("1", "xaby", "零一二证", band="flagged")
    world.add([item, Item("2", None, "a b、C", band="flagged"), Item("3", "證", None, band="clear")])
    push(engine, index)
    for term, number in (("ab", 2), ("AB", 2), ("ａｂ", 2), ("abc", 1), ("by零", 0), ("证", 2), ("證", 2), ("y", 1)):
        assert len(found(index, term)) == number, term
    assert found(index, "flagged") == []


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=12), min_size=1, max_size=6), st.text(min_size=1, max_size=3))
def test_any_text_and_any_query(tmp_path: Path, texts: list[str], term: str) -> None:
    items = [Item(str(n), text[:4], text[4:]) for n, text in enumerate(texts)]
    index = EmbeddedIndex(tmp_path)
    index.drop()
    index.prepare()
    index.put(documents([row(n, item) for n, item in enumerate(items)], 1, index.secret))
    for wanted in [term, *(text[:2] for text in texts)]:
        if normal(wanted):
            assert set(found(index, wanted)) == scan(items, wanted)
    index.close()


def test_hits_tell_what_the_command_prints(engine: Engine, index: SearchIndex, world: World) -> None:
    world.add([phone_item("1"), Item("2", "普通", "商品")])
    push(engine, index)
    (hit,) = index.search(Query("包过")).hits
    shown = hit.as_dict()
    assert shown["listing_id"] == phone_item("1").listing_id
    assert (shown["platform"], shown["native_id"], shown["title"]) == ("shop", "1", "电工证包过")
    assert (shown["flagged"], shown["state"], shown["url"]) == (True, None, None)
    assert shown["snippet"] == "电工证包过"
    (hit,) = index.search(Query("不用 考试")).hits
    line, spans = hit.snippet()
    assert [line[a:b] for a, b in spans] == ["不用考试"]
    assert "5678" in line and "2345" not in line
