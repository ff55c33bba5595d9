"""The keyword lists: read, checked and laid over by the office's own (grammar in keywords/README.md)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from adwatch.errors import SpecError

HEAD = ("owner", "document", "version", "effective_from", "effective_to")
APPROVAL = ("approved_by", "approved_on", "note")
"""Fields of the head that may be left out."""
KINDS = (
    "promise", "certificate", "contact", "order", "seller", "material", "result", "absent", "renewal",
    "exam", "report", "notice", "question", "negation", "school", "demand", "lawful", "textbook", "job", "goods",
    "victim",
)  # fmt: skip
FLAGS = ("search",)
VALUES = ("as", "by", "on")
"""Flags with a value: what the word speaks for, who approved it, when."""
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
    """What it speaks for: the offer class of a promise, the family of a certificate; the list's name, or ``as=``."""
    search: bool
    """A patrol asks platforms for it."""
    line: int
    """Where it stands in its file."""
    file: str = ""
    """Name of the list that it stands in."""
    note: str = ""
    """What is said of it behind the ``#``."""
    approved_by: str = ""
    """Who accepted it, where that is not said for the whole list."""
    approved_on: date | None = None
    """When."""

    @property
    def meaning(self) -> tuple[str, str, int, str]:
        """What the classifier makes of it; notes, names and places change nothing."""
        return (self.word, self.kind, self.weight, self.list)


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
    approved_by: str = ""
    """Who put it in force."""
    approved_on: date | None = None
    """When."""
    note: str = ""
    """What is said of the whole list."""

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


def _entry(line: str, number: int, file: Path, name: str) -> Entry:
    columns, _, note = line.partition("#")
    parts = columns.split()
    if len(parts) < 3:
        raise SpecError(str(file), number, "", "write: kind weight word, with blanks between")
    kind, weight, word, *flags = parts
    if kind not in KINDS:
        raise SpecError(str(file), number, "kind", f"{kind!r} is none of {', '.join(KINDS)}")
    if weight not in ("1", "2", "3"):
        raise SpecError(str(file), number, "weight", f"{weight!r} must be 1, 2 or 3")
    if len(word) > LONGEST:
        raise SpecError(str(file), number, "word", f"has {len(word)} characters; at most {LONGEST}")
    values: dict[str, str] = {}
    for flag in flags:
        key, equals, value = flag.partition("=")
        if equals and key in VALUES and value and key not in values:
            values[key] = value
        elif flag not in FLAGS:
            known = ", ".join((*FLAGS, *(f"{name}=..." for name in VALUES)))
            raise SpecError(str(file), number, "flag", f"{flag!r} is none of {known}")
    return Entry(
        word.lower(),
        kind,
        int(weight),
        values.get("as", name),
        "search" in flags,
        number,
        name,
        note.strip(),
        values.get("by", ""),
        _day(values.get("on", ""), file, number, "on"),
    )


def parse(file: Path) -> tuple[KeywordList | None, list[SpecError]]:
    """A list with every mistake in it, each with its line; None where the head is wrong."""
    return parse_bytes(file.read_bytes(), file)


def parse_bytes(raw: bytes, file: Path) -> tuple[KeywordList | None, list[SpecError]]:
    """As ``parse``, of a list that need not lie in its file."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None, [SpecError(str(file), None, "", "must be UTF-8")]
    head: dict[str, tuple[str, int]] = {}
    entries: dict[str, Entry] = {}
    errors: list[SpecError] = []
    in_head, name = True, file.stem
    for number, line in enumerate(text.splitlines(), 1):
        content = line.strip()
        if not content or content.startswith("#"):
            continue
        if in_head and content == "---":
            in_head = False
        elif in_head:
            field, _, value = content.partition(":")
            if field not in (*HEAD, *APPROVAL):
                errors.append(SpecError(str(file), number, field, f"the head has {', '.join(HEAD)}, then a line ---"))
            head[field] = (value.strip(), number)
        else:
            try:
                entry = _entry(content, number, file, name)
            except SpecError as error:
                errors.append(error)
                continue
            if entry.word in entries:
                place = entries[entry.word].line
                errors.append(SpecError(str(file), number, "word", f"{entry.word!r} stands in line {place} already"))
            else:
                entries[entry.word] = entry
    found = _list(file, raw, head, tuple(entries.values()), errors)
    return found, sorted(errors, key=lambda error: error.line or 0)


def _list(
    file: Path, raw: bytes, head: dict[str, tuple[str, int]], entries: tuple[Entry, ...], errors: list[SpecError]
) -> KeywordList | None:
    missing = [field for field in HEAD if field not in head]
    errors += [SpecError(str(file), 1, field, "is missing in the head") for field in missing]
    if missing:
        return None
    days: dict[str, date | None] = {}
    for field in ("effective_from", "effective_to", "approved_on"):
        text, number = head.get(field, ("", 1))
        try:
            days[field] = _day(text, file, number, field)
        except SpecError as error:
            errors.append(error)
            days[field] = None
    start, end, line = days["effective_from"], days["effective_to"], head["effective_from"][1]
    if start is None:
        if not head["effective_from"][0]:
            errors.append(SpecError(str(file), line, "effective_from", "write YYYY-MM-DD"))
        return None
    if end is not None and end < start:
        errors.append(SpecError(str(file), head["effective_to"][1], "effective_to", "lies before effective_from"))
    texts = {field: head.get(field, ("", 1))[0] for field in (*HEAD, *APPROVAL)}
    return KeywordList(
        *(file.stem, texts["owner"], texts["document"], texts["version"], start, end, entries),
        *(hashlib.sha256(raw).hexdigest(), file, texts["approved_by"], days["approved_on"], texts["note"]),
    )


def read(file: Path) -> KeywordList:
    """One list; a SpecError names file, line and what to write."""
    return read_text(file.read_bytes(), file)


def read_text(text: str | bytes, file: Path) -> KeywordList:
    """As ``read``, of a list that need not lie in its file."""
    found, errors = parse_bytes(text.encode() if isinstance(text, str) else text, file)
    if errors or found is None:
        raise errors[0]
    return found


def list_files(data: Path | None = None) -> dict[str, Path]:
    """Files of the lists by name; the office's own stand for shipped ones of the same name."""
    files = {file.stem: file for file in sorted(SHIPPED.glob("*.txt"))}
    if data is not None:
        files.update({file.stem: file for file in sorted((data / "keywords").glob("*.txt"))})
    return files


class Lexicon:
    """All lists, the office's own replacing a shipped one of the same name."""

    def __init__(self, lists: list[KeywordList]) -> None:
        self.lists = {item.name: item for item in lists}
        self.entries = [entry for item in lists for entry in item.entries]

    @classmethod
    def load(cls, data: Path | None = None) -> Lexicon:
        """Read the shipped lists and those in ``data/keywords``."""
        files = list_files(data)
        return cls([read(files[name]) for name in sorted(files)])

    def on(self, day: date | None) -> Lexicon:
        """Only the lists in force on that day; all of them where no day is given."""
        if day is None or all(item.in_force(day) for item in self.lists.values()):
            return self
        return Lexicon([item for item in self.lists.values() if item.in_force(day)])

    def replaced(self, item: KeywordList) -> Lexicon:
        """With that list instead of the one of its name, or added."""
        lists = {**self.lists, item.name: item}
        return Lexicon([lists[name] for name in sorted(lists)])

    def own(self) -> list[Entry]:
        """The entries of an office's lists whose words stand in no shipped list: training has not seen them."""
        shipped = list_files()
        digests = {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in shipped.items()}
        changed = [item for item in self.lists.values() if item.sha256 != digests.get(item.name)]
        if not changed:
            return []
        known = {entry.word for file in shipped.values() for entry in read(file).entries}
        return [entry for item in changed for entry in item.entries if entry.word not in known]

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
