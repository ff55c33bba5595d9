"""What the schedules of the big looks back call: reclassify and retro-hunt, a mapped task for each platform and month.

Each part is judged by a task of its own, in any order and at once; the index is told at the end, once. A part that is
begun again goes on where it stopped, and one that was finished costs a look and changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from adwatch.app import reclassify, retrohunt
from adwatch.app.markdown import cell, keep, table
from adwatch.app.office import Office
from adwatch.app.schedule import Row, Rows
from adwatch.errors import StageError, UsageError
from adwatch.search import push
from classifiers.lexicon import SHIPPED

MOST = 1000
"""Parts of one run: Airflow maps a task 1,024 times at most."""
_FIGURES = {
    "listings": "信息",
    "judged": "判定",
    "flagged": "命中",
    "review": "待复核",
    "opened": "新开线索",
    "reopened": "重开线索",
}


def name_of(part: Mapping[str, Any]) -> str:
    """What a part's task is called."""
    return f"{part['platform']} {part['month']}"


def reclassify_parts(office: Office, day: str, params: Mapping[str, Any]) -> list[Row]:
    """The parts that are to be judged anew; params ``platform``, ``since`` and ``until`` (months) narrow them."""
    return _few(reclassify.plan(office, day, params["platform"], params["since"], params["until"]))


def reclassify_part(office: Office, day: str, part: Row) -> Row:
    """Judge what of a part has no verdict of the classifier in force."""
    return reclassify.run_part(office, day, part)


def end_reclassify(office: Office, day: str, parts: Rows | None, done: Rows | None) -> Row:
    """Tell the index; a StageError where a part failed."""
    pushed = reclassify.finish(office, day)
    return {"day": day, "pushed": pushed, **_whole(parts, done)}


def hunt_parts(office: Office, day: str, params: Mapping[str, Any]) -> list[Row]:
    """The parts in which the hunted word may stand."""
    return _few(retrohunt.in_parts(office, _hunt(office, day, params)))


def hunt_part(office: Office, day: str, params: Mapping[str, Any], part: Row) -> Row:
    """Judge the candidates of a part."""
    hunt = _hunt(office, day, params, bring_up=False)
    reclassify.same_lists(part, hunt.judge.keyword_versions)
    done = retrohunt.judge(office, retrohunt.only_part(office, hunt, part), day)
    return {**part, **{name: done[name] for name in ("judged", *reclassify.BANDS, "seconds", "in_force")}}


def end_hunt(office: Office, day: str, parts: Rows | None, done: Rows | None) -> Row:
    """Tell the index; a StageError where a part failed."""
    pushed = push(office.engine, office.index).kept
    return {"day": day, "pushed": pushed, **_whole(parts, done)}


def summary(office: Office, title: str, name: str, parts: Rows | None, done: Rows | None) -> str:
    """A look back in Markdown: a row a part, and what it came to in all."""
    if parts is None:
        raise StageError("no parts: see the task that names them")
    by_name = {name_of(row): row for row in done or ()}
    rows = [[name_of(part), *_cells(by_name.get(name_of(part)), part)] for part in parts]
    total = _total(list(by_name.values()))
    failed = len(parts) - len(by_name)
    said = f"{len(parts)} 份" + (f"，其中 {failed} 份失败" if failed else "，全部完成" if parts else "：没有可判的信息")
    told = "，".join(f"{label} {total[each]}" for each, label in _FIGURES.items() if each != "listings")
    lines = [f"# {cell(title)}", "", f"{said}。{told}。", "", *table(("份 平台 月", *_FIGURES.values(), "秒"), rows)]
    if any(row.get("in_force") is False for row in by_name.values()):
        lines += ["", "该词（词表）尚未生效：判定按“现行词表加上它”作出并记录。"]
    if total["opened"] or total["reopened"]:
        lines += ["", "新开的线索在待办中标明“迟发现”。"]
    return keep(office, name, lines)


def _cells(row: Mapping[str, Any] | None, part: Mapping[str, Any]) -> list[object]:
    if row is None:
        return [part["listings"], *["任务失败"] * (len(_FIGURES) - 1), ""]
    return [*(row[each] for each in _FIGURES), row["seconds"]]


def _total(rows: Rows) -> Counter[str]:
    total: Counter[str] = Counter()
    for row in rows:
        total.update({each: row[each] for each in _FIGURES})
    return total


def _whole(parts: Rows | None, done: Rows | None) -> Row:
    """The figures of all parts; a StageError where one failed or none was named."""
    if parts is None:
        raise StageError("no parts: see the task that names them")
    done = list(done or ())
    there = {name_of(row) for row in done}
    failed = [name_of(part) for part in parts if name_of(part) not in there]
    if failed:
        raise StageError(f"failed: {', '.join(failed)}; the others are done; clear the failed tasks to go on")
    return dict(_total(done))


def _few(parts: list[Row]) -> list[Row]:
    if len(parts) > MOST:
        raise UsageError(f"{len(parts)} parts are more than {MOST}: give a platform, or months (since, until)")
    return parts


def _hunt(office: Office, day: str, params: Mapping[str, Any], *, bring_up: bool = True) -> retrohunt.Hunt:
    what = str(params["what"]).strip()
    if what.endswith(".txt"):
        what = str(_list_file(office, what))
    how = (params["kind"], params["weight"], params["speaks_for"])
    return retrohunt.plan(office, what, day, *how, bring_up=bring_up)


def _list_file(office: Office, name: str) -> Path:
    """The office's list of that file name, else the shipped one: a form names no other files of the machine."""
    folders: Sequence[Path] = [SHIPPED]
    if office.settings.data:
        folders = [office.settings.data / "keywords", SHIPPED]
    found = next((folder / name for folder in folders if name == Path(name).name and (folder / name).is_file()), None)
    if found is None:
        raise UsageError(f"{name}: no list of that name in keywords/ of ADWATCH_DATA; write its file name only")
    return found
