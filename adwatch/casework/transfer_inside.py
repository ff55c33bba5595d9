"""Transfers as a person limited to regions and families may see them: their cases that are inside.

A transfer without such a case is as unknown as one that there never was. Of one that has cases outside too, its papers,
package and reasons speak of all of it, so that they are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from adwatch.errors import Unknown
from adwatch.store.filters import Filters
from adwatch.store.queue import within

Row = dict[str, Any]


def narrowed(connection: Connection, rows: list[Row], limits: Filters | None) -> list[Row]:
    """Those of some transfers that have a case inside: ``cases`` that are, ``whole`` where these are all."""
    if limits is None:
        return [{**row, "whole": True} for row in rows]
    seen = within(connection, limits, {each["case_id"] for row in rows for each in row["cases"]})
    found = []
    for row in rows:
        kept = [each for each in row["cases"] if each["case_id"] in seen]
        if kept:
            found.append({**row, "cases": kept, "whole": len(kept) == len(row["cases"])})
    return found


def one(connection: Connection, row: Row | None, number: str, limits: Filters | None) -> Row:
    """The same of one transfer, or the error of an unknown number."""
    found = narrowed(connection, [row], limits) if row is not None else []
    if not found:
        raise Unknown(f"移送 {number[:40]}: 没有这个编号；用 adwatch transfer list 查看")
    return found[0]


def blank(row: Row) -> Row:
    """What is shown of a transfer with cases outside: nothing that is written about all of it."""
    if row["whole"]:
        return row
    content = {**row["content"], "officers": [], "reason": "", "items": [], "no_report": ""}
    steps = [{**each, "note": "", "reference": ""} for each in row["steps"]]
    sealed = {"size": None, "sha256": None, "manifest_sha256": None}
    return {**row, "content": content, "steps": steps, **sealed}


def content_of(content: Mapping[str, Any], row: Row) -> Row:
    """The cases and sellers of a transfer's content that are inside; groups of sellers are counted anew."""
    if row["whole"]:
        return dict(content)
    ids = {each["case_id"] for each in row["cases"]}
    cases = [each for each in content["cases"] if each["case_id"] in ids]
    leads = {each["lead_number"] for each in cases if each["lead_number"]}
    sellers = [each for each in content["sellers"] if each["lead_number"] in leads]
    groups = {group: number for number, group in enumerate(dict.fromkeys(each["group"] for each in sellers), 1)}
    return {"cases": cases, "sellers": [{**each, "group": groups[each["group"]]} for each in sellers]}
