"""The address book of platforms (平台通讯录): master data as in force on a day, and the letter that each would get."""

from __future__ import annotations

from datetime import date
from typing import Any

from adwatch.app.casework import with_contacts
from adwatch.app.office import Office
from adwatch.casework.takedown_kinds import KINDS
from adwatch.tables.takedown import TakedownRules, contacts
from adwatch.tables.takedown_routing import TakedownRoutes

Row = dict[str, Any]


def address_book(office: Office, on: date | None = None) -> tuple[list[Row], list[Row]]:
    """(platforms with their master data, the letter they would get, where each fact comes from; mistakes by line).

    As in force on a day, today where none is given.
    """
    day = on or office.clock.now().astimezone(office.settings.zone).date()
    file, written, problems = contacts(office.settings.data)
    holding = {row.platform: row for row in written if row.in_force(day)}
    rules, infos = TakedownRules.load(office.settings.data), with_contacts(office, holding)
    routes = TakedownRoutes.load(office.settings.data)
    rows = []
    for name, info in sorted(infos.items()):
        deadline = f"{info.deadline_days} 个工作日" if info.deadline_days else ""
        deadline = deadline or (f"{info.deadline_hours} 小时" if info.deadline_hours else "")
        facts = {each: getattr(info, each) for each in ("label", "company", "uscc", "domicile", "bureau", "channel")}
        routed, row = routes.route(name, info, rules.area, day), holding.get(name)
        rows.append(
            {
                "platform": name,
                **facts,
                "email": routed.email if routed else None,
                "kind": routed.kind if routed else None,
                "kind_label": KINDS[routed.kind].label if routed else "没有适用的行",
                "addressee": routed.addressee if routed else None,
                "routed_by": routed.line if routed else None,
                "deadline": deadline or None,
                "deadline_source": info.deadline_source,
                "line": row.line if row else None,
                "valid_from": str(row.valid_from) if row and row.valid_from else None,
                "valid_to": str(row.valid_to) if row and row.valid_to else None,
            }
        )
    told = [(each.line, f"{each.column}: {each.said}") for each in problems]
    told += [(row.line, f"platform {row.platform}: 没有这个平台文件") for row in written if row.platform not in infos]
    return rows, [{"file": str(file), "line": line, "message": said} for line, said in sorted(told)]
