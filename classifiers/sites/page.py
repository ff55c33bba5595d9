"""How much a captured page looks like a false official look-up; each point is explained, and the page is only read.

A look-up on an official host is official; anywhere else a form that asks for a name and a certificate's number, or a
page that shows a certificate's data, in the name of an authority, is what false cards' QR codes open. A page that is
parked, blocked, empty or a mere login has a word of its own: nothing was seen of it.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from adwatch.errors import SpecError
from adwatch.tables.filings import filings
from classifiers.contacts import find
from classifiers.folds import KINDS, Folds
from classifiers.sites.facts import Facts, Point
from classifiers.sites.lookalike import GOVERNMENT, THRESHOLD, Lookalikes
from classifiers.sites.page_parts import SPACE, about_field, asks_password, is_button, read_page, text_of
from classifiers.sites.surroundings import around

__all__ = ["Facts", "PageJudge", "PageVerdict", "Point"]
WORDS = {
    "official": "官方",
    "official_once": "曾为官方",
    "fake_lookup": "疑似假冒查询网站",
    "doubtful": "存疑",
    "other": "其他",
    "parked": "域名停放",
    "blocked": "无法查看（拦截）",
    "login": "仅登录页",
    "dead": "无法打开",
}
"""Words for a page with their Chinese names."""
FAKE = 4.5
"""Points from which a page is thought to be false."""
DOUBTFUL = 3.0
"""Points from which a person looks at it."""
LONGEST = 2_000_000
"""Characters of a page that are read."""
LITTLE = 200
"""Characters of text below which a page that says that it is parked, blocked or a login shows nothing else."""
HEAD = 80
"""Characters of a page's head."""
_FIELDS = ("field_name", "field_id", "field_number", "field_captcha")
_ADDRESS = re.compile(r"[0-9.]+|\[?[0-9a-f:]+:[0-9a-f:.]*\]?")
"""A host that is no name."""


@dataclass(frozen=True, slots=True)
class PageVerdict:
    """What is thought of a page."""

    word: str
    """One of WORDS."""
    score: float
    """Sum of the points."""
    points: tuple[Point, ...]
    """What it is made of."""
    filings: tuple[str, ...] = ()
    """ICP, police and government numbers shown, for the authority that can look them up."""
    contacts: tuple[str, ...] = ()
    """Contacts shown, masked."""


class PageJudge:
    """Register, look-alikes and words."""

    def __init__(self, data: Path | None = None) -> None:
        self.hosts = Lookalikes(data)
        self.words = read_words()
        self.folds = Folds()
        kind = self.folds.light_kind
        self.simplified = {code: to for code, to in self.folds.light_map.items() if KINDS[kind[code]] == "traditional"}

    def judge(self, facts: Facts) -> PageVerdict:
        """What is thought of one page."""
        host = self.hosts.score(facts.url, facts.day)
        if host.verdict in ("official", "official_once"):
            return PageVerdict(host.verdict, 0.0, (Point("register", 0.0, host.why[0]),))
        if host.host is not None and host.host.endswith(tuple(f".{suffix}" for suffix in GOVERNMENT)):
            return PageVerdict("other", 0.0, (Point("host", 0.0, host.why[0]),))
        challenged = self._any("blocked", facts.html[:20_000])
        if (facts.status >= 500 and not challenged) or facts.status in (0, 404, 410):
            return PageVerdict("dead", 0.0, (Point("status", 0.0, f"HTTP {facts.status}"),))
        page = read_page(facts.html[:LONGEST].translate(self.simplified))
        if page is None:
            return PageVerdict("dead", 0.0, (Point("empty", 0.0, "页面没有内容"),))
        text = text_of(page)
        points = self._points(facts, page, text)
        if host.verdict == "look_alike":
            strong = host.score >= THRESHOLD + 1
            points.append(Point("host", 2.5 if strong else 2.0, "；".join(host.why[:3])))
        numbers = filings(text)
        for filing in numbers:
            if filing.wrong:
                points.append(Point("filing", 0.8, f"{filing.number}：{'；'.join(filing.wrong)}"))
        points += around(facts, any(filing.kind == "icp" and not filing.wrong for filing in numbers))
        if any(filing.kind == "government" for filing in numbers):
            points.append(Point("government_code", 1.5, "非政府域名而标有政府网站标识码"))
        contacts = find(text, self.folds.flat(text))
        if any(point.name in ("form", "record") for point in points):
            points += self._vouched(text, {point.name for point in points})
            if host.host is not None and _ADDRESS.fullmatch(host.host):
                points.append(Point("address", 0.8, "查询页在裸 IP 地址上"))
        sold = [contact for contact in contacts if contact.kind in ("wechat", "qq", "phone", "telegram")]
        if sold and any(point.name in ("form", "record") for point in points):
            points.append(Point("contact", 0.7, f"查询页上留有联系方式 {sold[0].masked}"))
        score = round(sum(point.points for point in points), 2)
        word = self._word(facts, text, points, score)
        shown = tuple(dict.fromkeys(filing.number for filing in numbers))
        return PageVerdict(word, score, tuple(points), shown, tuple(dict.fromkeys(each.masked for each in contacts)))

    def _word(self, facts: Facts, text: str, points: list[Point], score: float) -> str:
        looks = any(point.name in ("form", "record", "likeness", "structure") for point in points)
        if not looks and (
            facts.status in (401, 403, 429)
            or facts.status >= 500
            or (len(text) < LITTLE and self._any("blocked", text))
        ):
            return "blocked"
        if not looks and self._any("parked", text if len(text) < LITTLE else text[:HEAD]):
            return "parked"
        if not looks and any(point.name == "password" for point in points):
            return "login"
        if score >= FAKE and looks:
            return "fake_lookup"
        return "doubtful" if score >= DOUBTFUL else "other"

    def _points(self, facts: Facts, page: Any, text: str) -> list[Point]:
        return [
            *([Point("password", 0.0, "页面要求密码")] if asks_password(page) else []),
            *self._form(page),
            *self._record(text, page),
            *self._names(page, text),
            *self._seller(page, text),
        ]

    def _form(self, page: Any) -> list[Point]:
        """A form that asks for a person and a certificate, or a number and a captcha."""
        kinds: dict[str, str] = {}
        unasked = ("hidden", "submit", "button", "image", "password", "checkbox", "radio")
        fields = [each for each in page.iter("input", "select") if (each.get("type") or "text").lower() not in unasked]
        for field in fields:
            about = about_field(field)
            for kind in _FIELDS:
                if kind not in kinds and (word := self._first(kind, about)) is not None:
                    kinds[kind] = word
                    break
        if "field_number" in kinds and len(kinds) >= 2:
            asked = f"查询表单：{'、'.join(kinds.values())}"
            return [Point("form", 2.2, asked), Point("numbered", 0.0, f"问证书编号：{kinds['field_number']}")]
        if "field_id" in kinds and len(kinds) >= 2:
            return [Point("form", 2.0, f"查询表单：{'、'.join(kinds.values())}")]
        one = kinds.get("field_number") or kinds.get("field_id")
        if one is not None and ("field_number" in kinds or self._asks(page)):
            return [Point("form", 1.5, f"查询表单：{one}")]
        if len(fields) == 1 and not kinds and self._asks(page) and len(text_of(page)) < LITTLE:
            return [Point("form", 1.5, "只有一个输入框和查询按钮的页面")]
        return []

    def _asks(self, page: Any) -> bool:
        """Whether a button or a link that is none asks for a look-up."""
        buttons = [each for each in page.iter("button", "input", "a") if each.tag != "input" or is_button(each)]
        said = (f"{each.text_content()} {each.get('value') or ''}" for each in buttons)
        return any(self._any("ask", SPACE.sub("", each)) for each in said)

    def _record(self, text: str, page: Any) -> list[Point]:
        """A page that shows a certificate's data: labels of at least four fields near each other."""
        bare = SPACE.sub("", text)
        places = sorted(bare.find(word) for word in self.words["shown"] if word in bare)
        close = max((sum(start <= place < start + 400 for place in places) for start in places), default=0)
        if close < 5 or sum(1 for _ in page.iter("p")) > 25:
            return []
        return [Point("record", 1.8, f"展示证书信息（{close}项）")]

    def _names(self, page: Any, text: str) -> list[Point]:
        title = SPACE.sub("", " ".join(each.text_content() for each in page.iter("title", "h1", "h2")))
        shown = (each.get(name) for each in page.iter("img", "frame", "iframe") for name in ("alt", "title", "src"))
        images = " ".join(filter(None, shown))
        points = []
        word = self._first("authority", title) or self._first("authority", images)
        if word is not None:
            points.append(Point("authority", 1.3, f"标题或图片以“{word}”名义"))
        elif (word := self._first("authority", text)) is not None and self._any("lookup", title):
            points.append(Point("authority", 0.6, f"文中出现“{word}”"))
        if (word := self._first("lookup", title) or self._first("lookup", SPACE.sub("", images))) is not None:
            points.append(Point("title", 1.0, f"标题或图片为“{word}”"))
        if (word := self._first("emblem", images)) is not None:
            points.append(Point("emblem", 0.7, f"图片含“{word}”"))
        if self._first("paper", title) is not None:
            points.append(Point("paper", 0.4, "标题含证书名称"))
        tail = text[-400:]
        if self._any("organiser", tail) and (word := self._first("authority", tail)) is not None:
            points.append(Point("organiser", 1.0, f"页脚称主办单位为“{word}”"))
        return points

    def _vouched(self, text: str, seen: set[str]) -> list[Point]:
        """An authority at the head of a look-up, or as the source of what it shows; words that swear to it.

        Who issues a certificate is named by honest schools too: that counts only where a certificate is shown or its
        number is asked for.
        """
        points = []
        if "authority" not in seen and (word := self._first("authority", text[:HEAD])) is not None:
            points.append(Point("head", 1.0, f"页首以“{word}”名义"))
        named = self.words["issuer"] if seen & {"record", "numbered"} else ()
        for word in (*self.words["vouch"], *named):
            place = text.find(word)
            if place >= 0 and (name := self._first("authority", text[max(0, place - 24) : place + 24])) is not None:
                points.append(Point("vouch", 1.0, f"称“{word}”为“{name}”"))
                break
        if (word := self._first("swear", text)) is not None:
            points.append(Point("swear", 0.6, f"自证真伪：“{word}”"))
        return points

    def _seller(self, page: Any, text: str) -> list[Point]:
        points = []
        links = [str(each.get("href") or "").lower() for each in page.iter("a")]
        if any(self._any("admin", link) for link in links):
            points.append(Point("admin", 0.5, "页面留有后台入口"))
        if (word := self._first("seller", text)) is not None:
            points.append(Point("seller", 0.7, f"含“{word}”"))
        honest = [word for word in self.words["honest"] if word in text]
        if honest:
            points.append(Point("honest", -1.0 * min(len(honest), 3), f"含“{'”“'.join(honest[:3])}”"))
        return points

    def _first(self, kind: str, text: str) -> str | None:
        lowered = text.lower()
        return next((word for word in self.words[kind] if word in lowered), None)

    def _any(self, kind: str, text: str) -> bool:
        return self._first(kind, text) is not None


@cache
def read_words() -> dict[str, tuple[str, ...]]:
    """Words by kind, longest first (page_words.csv)."""
    file = Path(__file__).parent / "page_words.csv"
    found: dict[str, list[str]] = {}
    with file.open(encoding="utf-8", newline="") as handle:
        for number, row in enumerate(csv.DictReader(handle), 2):
            if row["word"] in found.setdefault(row["kind"], []):
                raise SpecError(str(file), number, "word", f"{row['word']} stands twice")
            found[row["kind"]].append(row["word"])
    return {kind: tuple(sorted(words, key=len, reverse=True)) for kind, words in found.items()}
