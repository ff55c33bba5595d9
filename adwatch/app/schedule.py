"""What the schedules call: a day patrolled and ended, a week exported, takedowns looked at again, a past day rebuilt.

Each gives plain values, since they travel between tasks, and raises where a person must look: the task fails visibly.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from adwatch.app import casework, patrol, verification
from adwatch.app.extract import extract_day
from adwatch.app.indexing import GOOD
from adwatch.app.indexing import WORDS as WORDS_OF_INDEX
from adwatch.app.markdown import CASEWORK, keep, table
from adwatch.app.office import Office
from adwatch.app.quiet import tell
from adwatch.casework.states import OUTCOMES, WORDS
from adwatch.casework.weekly import iso_week, week_days
from adwatch.errors import StageError, UsageError
from adwatch.store.captures import platforms_of_day
from adwatch.store.engine import reading
from adwatch.store.exports import issues_of, whole_since

Row = dict[str, Any]
Rows = Sequence[Mapping[str, Any]]
FIGURES = ("seen", "new", "changed", "vanished", "flagged")
_HEADS = ("平台", "结果", "所见", "新增", "变更", "消失", "命中", "秒", "说明")


def checked_day(text: str) -> str:
    """A day as YYYY-MM-DD, or a UsageError."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise UsageError(f"day {text!r} is no date; write YYYY-MM-DD, such as 2026-11-22") from error


def days_between(first: str, last: str | None) -> list[str]:
    """The days from one to another, both included; the first alone where no last is given."""
    begin = date.fromisoformat(checked_day(first))
    end = date.fromisoformat(checked_day(last or first))
    if end < begin:
        raise UsageError(f"last day {last} lies before {first}")
    return [(begin + timedelta(days=n)).isoformat() for n in range((end - begin).days + 1)]


def day_of(params: Mapping[str, Any], key: str | None) -> str:
    """The day a run is about: its param ``day``, else its partition key; never "now"."""
    return checked_day(_named("day", params, key))


def week_of(params: Mapping[str, Any], key: str | None) -> str:
    """The week a run is about: its param ``week``, else its key, which may begin with a day: 2026-11-16 (W47)."""
    text = _named("week", params, key)
    if re.fullmatch(r"\d{4}-W\d\d", text):
        week_days(text)
        return text
    return iso_week(date.fromisoformat(checked_day(text[:10])))


def _named(name: str, params: Mapping[str, Any], key: str | None) -> str:
    found = params.get(name) or key
    if not found:
        raise UsageError(f"no {name}: give the param {name}, or start the run with a partition key")
    return str(found)


def patrol_platform(office: Office, day: str, name: str) -> Row:
    """Patrol one platform; a StageError where that ended in error, so that it is tried again."""
    row = patrol.patrol_platform(office, checked_day(day), name).as_dict()
    if row["outcome"] == "error":
        raise StageError(f"{name}: {day} ended in error: {'; '.join(row['notes'][:3])}")
    return {name: row[name] for name in ("platform", "outcome", *FIGURES, "seconds")}


def day_summary(office: Office, day: str, names: Sequence[str] | None, finished: Rows | None) -> str:
    """The day in Markdown: each platform with its newest result; ``finished`` are the rows of good tasks."""
    names, done = names or (), _platforms(finished)
    rows = {row["platform"]: row for row in patrol.day_rows(office, day)}
    cells = [_cells(name, rows.get(name), name in done) for name in names]
    failed = [name for name in names if name not in done]
    state = f"{len(failed)} 个平台失败 failed：{'、'.join(failed)}" if failed else "全部平台已完成 all done"
    index = {row["index"] for row in rows.values() if row.get("index", "ok") not in GOOD}
    told = f"；检索索引 index：{'、'.join(f'{WORDS_OF_INDEX[word]} {word}' for word in sorted(index))}" if index else ""
    lines = [f"# {day} 巡查", "", f"{len(names)} 个平台，{state}{told}", "", *table(_HEADS, cells)]
    return keep(office, f"patrol-{day}", lines)


def _cells(name: str, row: Mapping[str, Any] | None, finished: bool) -> list[object]:
    notes = "" if finished else "任务失败；"
    if row is None:
        return [name, "未巡查", *[""] * (len(FIGURES) + 1), notes + "没有结果"]
    outcome = f"{OUTCOMES[row['outcome']]} {row['outcome']}"
    return [name, outcome, *(row[each] for each in FIGURES), row["seconds"], notes + "；".join(row["notes"][:2])]


def end_day(office: Office, day: str, names: Sequence[str] | None, finished: Rows | None) -> Row:
    """The figures of a patrolled day, and in ``missing`` the enabled platforms without a result on it.

    A StageError where a platform of this run failed or nothing was patrolled at all: the run fails at its end.
    """
    done = _platforms(finished)
    tell(office, day, [name for name in names or () if name in office.platforms])
    failed = [name for name in names or () if name not in done]
    if failed or not names:
        told = f"failed: {', '.join(failed)}" if failed else "no platform is enabled"
        raise StageError(f"{day}: {told}; the others are done; see summaries/patrol-{day}.md and the failed tasks")
    rows = [row for row in patrol.day_rows(office, day) if row["outcome"] != "error"]
    have = {row["platform"] for row in rows}
    missing = [name for name in patrol.platform_names(office) if name not in have]
    figures = {each: sum(row[each] for row in rows) for each in FIGURES}
    return {"day": day, "platforms": sorted(have), "missing": missing, **figures}


def _platforms(rows: Rows | None) -> set[str]:
    return {row["platform"] for row in rows or ()}


def export_week(office: Office, week: str, formats: Sequence[str]) -> Row:
    """The list of a week in each format; a new issue only where the last was made before the week was all there."""
    days = [day.isoformat() for day in week_days(week)]
    with reading(office.engine) as connection:
        issues = issues_of(connection, week)
        since = whole_since(connection, days[0], days[1])
    partial = bool(issues) and since is not None and issues[-1].as_of < since
    files: list[str] = []
    for number, form in enumerate(formats):
        made = casework.export(office, week, form, None, None, reissue=partial and number == 0)
        files += [str(file) for file in made if str(file) not in files]
    return {"week": week, "files": sorted(files), "reissued": partial}


def week_summary(office: Office, done: Mapping[str, Any]) -> str:
    """A week's export in Markdown."""
    week = str(done["week"])
    with reading(office.engine) as connection:
        issue = issues_of(connection, week)[-1]
    shown = [(block["title"], name, n) for block in issue.rows["statistics"] for _, name, n in block["rows"]]
    head = f"第 {issue.issue} 期，{len(issue.rows['rows'])} 条"
    listed = [f"- {file}" for file in done["files"]]
    lines = [f"# {week} 周报", "", head, "", *listed, "", *table(("统计", "项目", "数量"), shown)]
    return keep(office, f"week-{week}", lines, CASEWORK)


def recheck(office: Office, day: str) -> Row:
    """Look again at the listings of sent requests that are due: how often each word was found, and what is back."""
    rows = verification.verify(office, None, checked_day(day))
    by_number: dict[str, Counter[str]] = {}
    for row in rows:
        by_number.setdefault(row["number"], Counter())[row["word"]] += 1
    back = [row["listing_id"] for row in rows if row["before"] == "gone" and row["word"] in ("up", "changed", "moved")]
    requests = [{"number": number, **{w: words[w] for w in WORDS}} for number, words in sorted(by_number.items())]
    return {"day": day, "words": dict(Counter(row["word"] for row in rows)), "requests": requests, "back": back}


def recheck_summary(office: Office, done: Mapping[str, Any]) -> str:
    """A day's re-check in Markdown."""
    heads = ("编号", *WORDS.values())
    rows = [(each["number"], *(each[word] for word in WORDS)) for each in done["requests"]]
    total = sum(done["words"].values())
    told = f"{total} 条已核验，其中 {len(done['back'])} 条下架后又出现" if total else "没有已发出的下架函"
    lines = [f"# {done['day']} 核验", "", told, "", *table(heads, rows)]
    return keep(office, f"recheck-{done['day']}", lines, CASEWORK)


def rebuild_day(office: Office, day: str) -> Row:
    """Rebuild a day from the archive without the network; a StageError where it holds nothing of the day.

    ``failed`` names the platforms that could not be rebuilt (the others are), ``missing`` the enabled ones that are
    fetched and of which nothing is archived.
    """
    day = checked_day(day)
    rows = [row.as_dict() for row in extract_day(office, day)]
    if not rows:
        raise StageError(f"{day}: nothing of it in the archive {office.settings.archive_root}")
    have = set(platforms_of_day(office.engine, day))
    fetched = [name for name in patrol.platform_names(office) if office.platforms[name].kind != "handover"]
    kept = ("platform", "outcome", *FIGURES, "seconds")
    return {
        "day": day,
        "rows": [{name: row[name] for name in kept} | {"notes": row["notes"][:2]} for row in rows],
        "failed": [row["platform"] for row in rows if row["outcome"] == "error"],
        "missing": [name for name in fetched if name not in have],
    }


def rebuild_summary(office: Office, days: Sequence[str] | None, done: Rows | None) -> str:
    """A backfill in Markdown: a table a day."""
    if not days:
        raise StageError("no day to rebuild: see the task that names the days")
    by_day = {each["day"]: each for each in done or ()}
    lines = [f"# {days[0]} 至 {days[-1]} 由存档重建"]
    for day in days:
        lines += ["", f"## {day}", ""]
        if day in by_day:
            lines += table(_HEADS, [_cells(r["platform"], r, r["outcome"] != "error") for r in by_day[day]["rows"]])
        else:
            lines.append("未能重建：见失败的任务")
    return keep(office, f"backfill-{days[0]}-{days[-1]}", lines)


def end_rebuild(days: Sequence[str] | None, done: Rows | None) -> list[str]:
    """The days that are whole; a StageError where a day or a platform could not be rebuilt."""
    days, done = days or (), list(done or ())
    there = {each["day"] for each in done}
    told = [f"{day}: not rebuilt" for day in days if day not in there]
    told += [f"{each['day']}: failed: {', '.join(each['failed'])}" for each in done if each["failed"]]
    if told or not days:
        raise StageError("; ".join(told) or "no day to rebuild")
    return [str(each["day"]) for each in done if not each["missing"]]
