"""What a paper that went out says no longer, what holds instead, and what to do about it, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adwatch.casework.differing import told
from adwatch.casework.states import STATES
from adwatch.store.corrections import STANDING
from adwatch.store.differing import CONFIRMATION, TAKEDOWN, TRANSFER

Row = dict[str, Any]
ABOUT = "ADW-TL-"
"""Numbers of letters about a request; of those only a 提请处置函, to another office, says something of cases."""


def in_words(row: Mapping[str, Any], names: Mapping[str, str]) -> Row:
    """A row of ``differing`` as ``differing.told`` takes it; ``names``: of offer classes."""
    said, holds = row["said"], row["holds"]
    fallen = row["paper"] != CONFIRMATION and holds["state"] not in STANDING
    words = "属实" if fallen else said.get("words") or "无"
    if "state" in said and not (fallen and said["state"] in STANDING):
        words = _words(said, names)
    about = {name: row[name] for name in ("case_id", "lead_number", "seq")}
    office = row["paper"] == TAKEDOWN and row["number"].startswith(ABOUT)
    return {**about, "said": words, "holds": _words(holds, names), "fallen": fallen, "office": office}


def _words(holds: Row, names: Mapping[str, str]) -> str:
    types = "、".join(names.get(each, each) for each in holds["types"] or ()) or "无"
    return str(holds.get("words") or (STATES[holds["state"]] if holds["types"] is None else types))


def told_since(paper: str, found: Sequence[Row]) -> str:
    """What a paper that went out says that no longer holds, and what to do about it."""
    return f"{told(found, '移送时' if paper == TRANSFER else '函里')}。{_remedy(paper, found)}"


def _remedy(paper: str, found: Sequence[Row]) -> str:
    """What to do about a paper that went out and says what no longer holds."""
    if paper == CONFIRMATION:
        return "本函已发出；应向甄别单位另发更正函，或者写明理由后不再提示"
    if paper == TRANSFER:
        return "已移送；应向接收单位另发更正函，或者写明理由后不再提示"
    if all(each["office"] for each in found):
        return "已提请处置；应向该单位另发更正函，或者写明理由后不再提示"
    needed = {"更正函": False, "撤回函": True}
    due = "、".join(name for name, fallen in needed.items() if any(each["fallen"] == fallen for each in found))
    return f"本函已发出；应另发{due}，或者写明理由后不再提示"
