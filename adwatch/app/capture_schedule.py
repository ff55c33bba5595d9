"""The full captures as the schedule makes them: what is due, within the budgets of day and host, in plain values."""

from __future__ import annotations

from collections import Counter
from typing import Any

from adwatch.app.office import Office
from adwatch.app.page_capture import capture_due, waiting
from adwatch.evidence.browser import find_browser

NO_BROWSER = "没有找到 chromium：没有网页取证，原因已逐条记下（apt-get install chromium，或者设置 ADWATCH_CHROMIUM）"


def capture_pages(office: Office) -> dict[str, Any]:
    """Capture what is due now; what could not be captured has its reason in the store and fails nothing here.

    ``states``: how many were captured, partial or failed; ``reasons``: why the last two; ``waiting``: what the budgets
    (capture_rules.csv) or a patrol under way left; ``notes``: what was wanting.
    """
    rows = list(capture_due(office))
    notes = [] if find_browser(office.settings.chromium) else [NO_BROWSER]
    left = waiting(office)
    if left:
        notes.append(f"还有 {left} 件待取证：限额（capture_rules.csv）已用完或平台正在巡查，下次再取")
    return {
        "states": dict(Counter(row["state"] for row in rows)),
        "reasons": dict(Counter(row["reason"] for row in rows if row["reason"])),
        "waiting": left,
        "notes": notes,
    }
