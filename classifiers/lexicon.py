"""The keyword lists: read, checked and laid over by the office's own (grammar in keywords/README.md)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from adwatch.errors import SpecError

HEAD = ("owner", "document", "version", "effective_from", "effective_to")
KINDS = (
    "promise", "certificate", "contact", "order", "seller", "material", "result", "absent", "renewal",
    "exam", "report", "notice", "question", "negation", "school", "demand", "lawful", "textbook", "job", "goods",
    "victim",
)  # fmt: skip
FLAGS = ("search",)
SHIPPED = Path(__file__).parent.parent / "keywords"
LONGEST = 40


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list."""

    word: str
    """As written, in lower case."""
    kind: str
    """One of KINDS: what part the word plays in an offer."""
    weight: int
    """3: says it alone; 2: needs company; 1: hardly a sign."""
    list: str
    """Name of the list, which for promises is the offer class and for certificates the family."""
    search: bool
    """A patrol asks platforms for it."""
    line: int
    """Where it stands in its file."""


@dataclass(frozen=True, slots=True)
class KeywordList:
    """One file."""

    name: str
    """File name without its ending."""
    owner: str
    """The authority that supplies and answers for it."""
    document: str
    """Number of the document it was supplied with."""
    version: str
    """As the authority counts."""
    effective_from: date
    """First day."""
    effective_to: date | None
    """Last day; None while in force."""
    entries: tuple[Entry, ...]
    """In order of the file."""
    sha256: str
    """Digest of the file."""
    path: Path
    """Where it was read."""

    def in_force(self, day: date) -> bool:
        """Whether the list holds on that day."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


def _day(text: str, file: Path, line: int, field: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise SpecError(str(file), line, field, f"{text!r} is no date; write YYYY-MM-DD") from error


def _entry(line: str, number: int, file: Path) -> Entry:
    columns = line.split("#", 1)[0].split()
    if len(columns) < 3:
        raise SpecError(str(file), number, "", "write: kind weight word, with blanks between")
    kind, weight, word, *flags = columns
    if kind not in KINDS:
        raise SpecError(str(file), number, "kind", f"{kind!r} is none of {', '.join(KINDS)}")
    if weight not in ("1", "2", "3"):
        raise SpecError(str(file), number, "weight", f"{weight!r} must be 1, 2 or 3")
    if len(word) > LONGEST:
        raise SpecError(str(file), number, "word", f"has {len(word)} characters; at most {LONGEST}")
    for flag in flags:
        if flag not in FLAGS:
            raise SpecError(str(file), number, "flag", f"{flag!r} is none of {', '.join(FLAGS)}")
    return Entry(word.lower(), kind, int(weight), file.stem, "search" in flags, number)


def read(file: Path) -> KeywordList:
    """One list; a SpecError names file, line and what to write."""
    raw = file.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SpecError(str(file), None, "", "must be UTF-8") from error
    head: dict[str, tuple[str, int]] = {}
    entries: list[Entry] = []
    seen: dict[str, int] = {}
    in_head = True
    for number, line in enumerate(text.splitlines(), 1):
        content = line.strip()
        if not content or content.startswith("#"):
            continue
        if in_head and content == "---":
            in_head = False
        elif in_head:
            field, _, value = content.partition(":")
            if field not in HEAD:
                raise SpecError(str(file), number, field, f"the head has {', '.join(HEAD)}, then a line ---")
            head[field] = (value.strip(), number)
        else:
            entry = _entry(content, number, file)
            if entry.word in seen:
                raise SpecError(str(file), number, "word", f"{entry.word!r} stands in line {seen[entry.word]} already")
            seen[entry.word] = number
            entries.append(entry)
    for field in HEAD:
        if field not in head:
            raise SpecError(str(file), 1, field, "is missing in the head")
    start = _day(*head["effective_from"][:1], file, head["effective_from"][1], "effective_from")
    if start is None:
        raise SpecError(str(file), head["effective_from"][1], "effective_from", "write YYYY-MM-DD")
    end = _day(head["effective_to"][0], file, head["effective_to"][1], "effective_to")
    texts = {field: value for field, (value, _) in head.items()}
    digest = hashlib.sha256(raw).hexdigest()
    return KeywordList(
        file.stem, texts["owner"], texts["document"], texts["version"], start, end, tuple(entries), digest, file
    )


class Lexicon:
    """All lists, the office's own replacing a shipped one of the same name."""

    def __init__(self, lists: list[KeywordList]) -> None:
        self.lists = {item.name: item for item in lists}
        self.entries = [entry for item in lists for entry in item.entries]

    @classmethod
    def load(cls, data: Path | None = None) -> Lexicon:
        """Read the shipped lists and those in ``data/keywords``."""
        files = {file.stem: file for file in sorted(SHIPPED.glob("*.txt"))}
        if data is not None:
            files.update({file.stem: file for file in sorted((data / "keywords").glob("*.txt"))})
        return cls([read(files[name]) for name in sorted(files)])

    @property
    def versions(self) -> str:
        """Digest of names and contents of all lists: 16 hex digits."""
        text = "\n".join(f"{item.name} {item.sha256}" for item in self.lists.values())
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def search_terms(self, day: date | None = None) -> list[str]:
        """Words with which a patrol asks a platform's own search, each once, in order of lists."""
        terms: dict[str, None] = {}
        for item in self.lists.values():
            if day is None or item.in_force(day):
                terms.update(dict.fromkeys(entry.word for entry in item.entries if entry.search))
        return list(terms)
