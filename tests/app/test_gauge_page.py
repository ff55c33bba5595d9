"""The readable report: whole, self-contained, and closed to hostile texts."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from lxml import etree
from typer.testing import CliRunner

from adwatch.app.gauge_plots import Stripe, rate_plot
from adwatch.cli import app
from adwatch.cli.detect import register

HOSTILE = (
    '<script>alert(1)</script><img src="http://evil.example/x" onerror=alert(1)>\u202e低压电工证包过，加微信 dgz81234'
)


class Tags(HTMLParser):
    """Collects tags and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, object]]:
    """The page and the JSON of the same run."""
    folder = tmp_path_factory.mktemp("gauge")
    rows = [
        {"id": HOSTILE[:25], "title": "", "text": HOSTILE, "label": "not_offer", "genre": "</td><script>x</script>"},
        {"id": "2", "title": "", "text": "叉车证包过，三天出证，微信 cczb8888", "label": "offer", "scope": "safety_production",
         "offer_types": ["guaranteed_pass"], "families": ["special_equipment"], "disguise": "<b>"},
        {"id": "3", "title": "", "text": "今天天气不错", "label": "offer", "scope": "safety_production",
         "offer_types": ["guaranteed_pass"], "families": ["special_equipment"], "disguise": "<b>"},
    ]  # fmt: skip
    file = folder / "<script>.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    if not any(command.name == "evaluate" for command in app.registered_commands):
        register(app)
    done = CliRunner().invoke(app, ["evaluate", str(file), "--html", str(folder / "r.html"), "--json"])
    assert done.exit_code == 0, done.output
    return (folder / "r.html").read_text(encoding="utf-8"), json.loads(done.stdout)


def test_no_script_and_nothing_loaded(written: tuple[str, dict[str, object]]) -> None:
    parser = Tags()
    parser.feed(written[0])
    tags = {tag for tag, _ in parser.seen}
    assert tags.isdisjoint({"script", "img", "link", "iframe", "object", "embed", "b", "a", "form"})
    assert {"svg", "table", "h1", "style"} <= tags
    assert not [name for _, attributes in parser.seen for name in attributes if name.startswith("on") or name == "src"]
    assert "http" not in re.sub(r"&lt;img.*?&gt;", "", written[0].replace("http-equiv", ""))
    assert "default-src 'none'" in written[0]


def test_hostile_text_is_escaped_and_contacts_are_masked(written: tuple[str, dict[str, object]]) -> None:
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in written[0]
    assert "\u202e" not in written[0]
    assert "dgz81234" not in written[0]
    assert "dgz81234" not in json.dumps(written[1], ensure_ascii=False)


def test_it_says_in_chinese_what_was_measured(written: tuple[str, dict[str, object]]) -> None:
    for words in (
        "识别质量报告",
        "可靠性曲线",
        "期望校准误差",
        "按违法类型",
        "保证通过",
        "漏报",
        "误报",
        "95%",
        "未进入模型",
    ):
        assert words in written[0]


def test_the_plots_are_whole_and_inside_their_frames(written: tuple[str, dict[str, object]]) -> None:
    plots = re.findall(r"<svg.*?</svg>", written[0], re.DOTALL)
    assert len(plots) >= 5
    for plot in plots:
        root = etree.fromstring(plot)
        _, _, width, height = map(float, root.attrib["viewBox"].split())
        for element in root.iter():
            for names, most in ((("x", "x1", "x2", "cx"), width), (("y", "y1", "y2", "cy"), height)):
                assert all(0 <= float(element.attrib[name]) <= most for name in names if name in element.attrib)
        assert any(element.tag in ("circle", "rect") for element in root.iter())


def test_long_labels_are_cut_to_their_place() -> None:
    plot = rate_plot([Stripe("证" * 40, 0.5, (0.2, 0.8), "1/2"), Stripe("a" * 30, 1.0, (0.9, 1.0), "")], "t")
    assert "证" * 16 + "…" in plot
    assert "证" * 17 not in plot
    assert "a" * 30 in plot


def test_json_keeps_its_keys_and_adds(written: tuple[str, dict[str, object]]) -> None:
    report = written[1]
    old = {"file", "found", "missed", "false", "right", "recall", "precision", "f1", "unscored", "by", "lines"}
    old |= {"false_lines", "false_per_100k", "errors", "keyword_only"}
    new = {"recall_ci", "precision_ci", "f1_ci", "named", "reliability", "expected_calibration_error"}
    assert old | new <= report.keys()
    assert isinstance(report["errors"], list)
    assert {"id", "kind", "score", "reason", "text", "why", "genre", "disguise", "types"} <= report["errors"][0].keys()


def test_a_page_that_cannot_be_written_is_an_error_in_words(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"text":"x","label":"offer"}', encoding="utf-8")
    if not any(command.name == "evaluate" for command in app.registered_commands):
        register(app)
    done = CliRunner().invoke(app, ["evaluate", str(file), "--html", str(tmp_path / "no" / "r.html")])
    assert "cannot be written" in str(done.exception)
