"""How this installation is set up, to be read on a screen; secrets are never among it."""

from __future__ import annotations

from typing import Any

from adwatch import __version__
from adwatch.app.office import Office
from adwatch.app.setting_words import MEANINGS
from adwatch.settings import Settings
from adwatch.store.engine import current_revision, vacuum_hint


def settings(office: Office) -> list[dict[str, Any]]:
    """Name, value and meaning of each setting that is no secret; of a secret only whether it is set."""
    rows = []
    for name, field in Settings.model_fields.items():
        value = getattr(office.settings, name)
        secret = not field.repr or any(word in name for word in ("password", "key", "secret", "url"))
        shown = ("已设" if value else "未设") if secret else "" if value is None else str(value)
        changed = value != field.get_default(call_default_factory=True)
        row = {"name": f"ADWATCH_{name.upper()}", "value": shown, "meaning": MEANINGS.get(name, "")}
        rows.append({**row, "changed": changed})
    return rows


def installation(office: Office) -> dict[str, str]:
    """Version, store, platform files and lists in force."""
    platforms = office.platforms.values()
    return {
        "版本": __version__,
        "数据库": vacuum_hint(office.engine),
        "数据库版次": current_revision(office.engine) or "",
        "平台文件": f"{len(list(platforms))} 个，{len(office.platform_errors)} 个有误",
        "关键词表": f"{len(office.lexicon.lists)} 份，版本 {office.lexicon.versions[:24]}",
        "时区": str(office.settings.zone),
    }
