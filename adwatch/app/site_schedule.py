"""The day's looks at sites as the schedule makes them: what is due, within the day's budget, in plain values."""

from __future__ import annotations

from collections import Counter
from typing import Any

from adwatch.app.office import Office
from adwatch.app.site_looks import due, look_due
from adwatch.app.site_reach import ENOUGH, OFFLINE
from adwatch.evidence.browser import find_browser
from adwatch.http import Manners
from adwatch.tables.site_rules import site_rules

NO_BROWSER = "没有找到 chromium：只看了源代码，没有渲染和截图（apt-get install chromium，或者设置 ADWATCH_CHROMIUM）"

DOWN = "和对照网址都打不开：本机网络异常，不算关停，下次再看（检查本单位的网络和域名解析）"


def look_at_sites(office: Office, manners: Manners | None = None) -> dict[str, Any]:
    """Look at what is due now; a look has no day but today, so that a missed one is made up for by the next run.

    ``words``: how often each was found; ``cases``: of sites that are suspected; ``gone``: names not there any more;
    ``waiting``: what today's budget left; ``notes``: what was wanting.
    """
    rows = list(look_due(office, manners=manners))
    now, rules = office.clock.now(), site_rules(office.settings.data)
    day = now.astimezone(office.settings.zone).date().isoformat()
    waiting = len(due(office, rules, now, day, everything=True))
    notes = [] if find_browser(office.settings.chromium) else [NO_BROWSER]
    if unsure := sum(row["word"] == OFFLINE for row in rows):
        notes.append(
            f"本机网络异常：{unsure} 个网站打不开，对照网址也打不开，不算关停，下次再看（检查本单位网络和域名解析）"
        )
    if waiting and unsure < ENOUGH:
        notes.append(f"当日限额 {rules.per_day} 个（site_rules.csv 的 per_day）已用完，还有 {waiting} 个等到明天")
    return {
        "day": day,
        "looked": len(rows),
        "words": dict(Counter(row["word_label"] for row in rows)),
        "cases": sorted({row["case_id"] for row in rows if row["case_id"] is not None}),
        "gone": [row["name"] for row in rows if row["gone"] and row["case_id"] is not None],
        "waiting": waiting,
        "notes": notes,
    }
