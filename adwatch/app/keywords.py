"""The keyword lists as verbs call them: check, and put in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from adwatch.app.office import Office
from adwatch.errors import UsageError
from adwatch.ports import Progress
from adwatch.store.evidence_words import evidence_words
from adwatch.store.keyword_lists import lists_of, sets
from adwatch.store.listings import any_listing
from classifiers.lexicon import Entry, KeywordList, list_files
from classifiers.lists.check import Finding, check_files

LEVELS = ("error", "warning", "note")


def check(
    office: Office, files: Sequence[Path], today: str, with_store: bool, progress: Progress | None = None
) -> list[dict[str, Any]]:
    """What is wrong with the lists in force (files named stand for those of their name), worst first."""
    for file in files:
        if not file.is_file():
            raise UsageError(f"{file}: no such file")
    named = {file.stem: file for file in files}
    lists, findings = check_files({**list_files(office.settings.data), **named}, office.settings.data)
    findings += [
        Finding("note", "expired", str(item.path), 5, "", f"ended on {item.effective_to}: it judges nothing any more")
        for item in lists
        if item.effective_to and item.effective_to.isoformat() < today
    ]
    if with_store:
        findings += _never_hit(office, [item for item in lists if not named or item.name in named], progress)
    if named:
        findings = [finding for finding in findings if Path(finding.file).stem in named]
    findings.sort(key=lambda f: (LEVELS.index(f.level), f.kind, f.file, f.line or 0))
    return [asdict(finding) for finding in findings]


def entries_to_look_for(office: Office, files: Sequence[Path]) -> int:
    """How many entries a check asks the store about, for the progress bar."""
    if files:
        return sum(len(file.read_bytes().splitlines()) for file in files if file.is_file())
    return len(office.lexicon.entries)


def _never_hit(office: Office, lists: Sequence[KeywordList], progress: Progress | None) -> list[Finding]:
    """Entries that stand in no stored listing as written, and in no verdict's evidence in any disguise."""
    if not any_listing(office.engine):
        return []
    office.index.prepare()
    disguised = evidence_words(office.engine)
    never: list[tuple[Entry, str]] = []
    for item in lists:
        for entry in item.entries:
            if entry.word not in disguised and next(office.index.holding([entry.word]), None) is None:
                never.append((entry, str(item.path)))
            if progress:
                progress(1)
    message = "stands in no stored listing and in no verdict"
    return [Finding("note", "never_hit", path, entry.line, entry.word, message) for entry, path in never]


def versions(office: Office, keyword_versions: str | None) -> list[dict[str, Any]]:
    """The lists behind a digest that a verdict carries; without one, every digest there is."""
    if keyword_versions is None:
        return sets(office.engine)
    found = lists_of(office.engine, keyword_versions)
    if not found:
        raise UsageError(f"{keyword_versions}: no verdict was made with such lists; see adwatch keywords versions")
    return found
