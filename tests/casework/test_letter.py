from __future__ import annotations

import json
import zipfile
from io import BytesIO
from pathlib import Path

from docx import Document

from adwatch.casework.letter import letter
from tests.casework.office import UNIT, confirmed, decide, draft, words
from tests.store.world import World, listing, verdict


def test_the_letter_says_what_an_office_must_say(world: World, tmp_path: Path) -> None:
    confirmed(world, "1")
    (row,) = draft(world, tmp_path)
    said = words(row["letter"])
    for needed in (
        *(
            "广场（某市）网络科技有限公司：",
            "你单位运营的“广场网”平台上有1条公开信息，涉嫌",
            "ADW-TD-2026-0001",
            "文号",
            "（印章）",
            UNIT,
            "附件",
            "涉嫌",
            "24小时内",
        ),
        *(
            "在收到本函后24小时内（期限依据：平台规则第3条）",
            "涉嫌违反《中华人民共和国某某法》第一条",
            "你单位作为平台经营者，请依照《中华人民共和国另一法》第九条的规定",
            "《某某法》第一条",
            "承诺通过",
            "https://plaza.example/item/1",
            "小店",
            "“电工证包过，不过退款”",
        ),
        *(f"CAP-1-{1:016x}"[:6], f"{1:064x}"[:16], "ADW-2026-000001", "某市应急管理局甄别"),
    ):
        assert needed in said, needed
    assert "13800138000" not in said
    xml = zipfile.ZipFile(row["letter"]).read("word/document.xml").decode()
    assert 'w:eastAsia="仿宋"' in xml
    assert 'w:eastAsia="宋体"' in xml


def test_the_json_is_the_same_request_for_machines(world: World, tmp_path: Path) -> None:
    confirmed(world, "1")
    (row,) = draft(world, tmp_path)
    text = Path(row["json"]).read_text(encoding="utf-8")
    assert "13800138000" not in text
    found = json.loads(text)
    assert (found["schema"], found["number"], found["deadline_hours"]) == ("adwatch.takedown/1", row["number"], 24)
    (one,) = found["listings"]
    assert (one["capture_id"], one["capture_sha256"], one["lead_number"]) == (1, f"{1:064x}", "ADW-2026-000001")
    assert one["quotes"] == ["电工证包过，不过退款"]


def test_hostile_text_cannot_break_the_letter(world: World, tmp_path: Path) -> None:
    item = listing(
        "1", "包过\x01\x0b<w:p>&amp;\u202e坏", title="坏\x02", url="https://plaza.example/\x03", seller_name="\x04店"
    )
    decide(world, world.flag(item, verdict(item)))
    (row,) = draft(world, tmp_path)
    assert "包过\ufffd" in words(row["letter"])


def test_the_seal_stands_on_no_page_without_words(world: World, tmp_path: Path) -> None:
    confirmed(world, "1")
    (row,) = draft(world, tmp_path)
    lines = Document(row["letter"]).paragraphs
    texts = [line.text for line in lines]
    first, seal = texts.index("特此函告，感谢支持。"), texts.index("（印章）")
    assert first < seal
    assert all(line.paragraph_format.keep_with_next for line in lines[first : seal + 1])


def test_crimes_are_left_to_the_courts(world: World, tmp_path: Path) -> None:
    confirmed(world, "1")
    (row,) = draft(world, tmp_path)
    content = json.loads(Path(row["json"]).read_text(encoding="utf-8"))
    content["cites"] = [
        "《刑法》第二百八十七条之一",
        "《广告法》第三十七条",
        "《刑法》第二百八十条",
        "《广告法》第九条",
    ]
    (tmp_path / "a.docx").write_bytes(letter(content))
    said = words(str(tmp_path / "a.docx"))
    assert "涉嫌违反《中华人民共和国广告法》第九条、第三十七条。" in said
    crimes = "涉嫌触犯《中华人民共和国刑法》第二百八十条、第二百八十七条之一，是否构成犯罪由有权机关依法认定。"
    assert crimes in said


def test_a_platform_without_master_data_is_addressed_by_its_label(world: World, tmp_path: Path) -> None:
    confirmed(world, "3", platform="bazaar")
    (row,) = draft(world, tmp_path)
    said = words(row["letter"])
    assert "集市网：" in said
    assert "请在收到本函后及时，" in said
    assert "收函后及时" in said


def test_a_letter_is_the_same_bytes_and_opens_with_many_rows(world: World, tmp_path: Path) -> None:
    confirmed(world, "1")
    (row,) = draft(world, tmp_path)
    content = json.loads(Path(row["json"]).read_text(encoding="utf-8"))
    content["listings"] = [{**content["listings"][0], "seq": n} for n in range(1, 301)]
    made = letter(content)
    assert made == letter(content)
    assert len(Document(BytesIO(made)).tables[0].rows) == 301
