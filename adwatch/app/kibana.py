"""The Kibana objects as verbs call them: written, checked, applied."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from adwatch import tables
from adwatch.casework import relisting, states
from adwatch.casework.track_table import TRACKS
from adwatch.casework.verification_state import OFFERED
from adwatch.errors import KibanaError, SettingsError, UsageError
from adwatch.kibana import CONSOLE, FILE, Vocabulary, build, ndjson, roles, space
from adwatch.kibana.checks import given, run
from adwatch.kibana.client import Kibana
from adwatch.settings import Settings
from classifiers.offers import OFFER_CLASSES

KINDS = {
    "product": "商品",
    "post": "帖子",
    "comment": "评论",
    "page": "网页",
    "video": "视频",
    "live": "直播",
    "account": "账号",
    "group": "群组",
    "mini_program": "小程序",
    "app": "应用",
    "tip": "举报线索",
}
"""Chinese names of adwatch.models.LISTING_KINDS."""


def vocabulary() -> Vocabulary:
    """By field: every value that the pipeline can write, with its Chinese name."""
    classes = {row.id: row.label for row in OFFER_CLASSES}
    families = {row.id: row.label for row in tables.families().values()}
    return {
        "kind": KINDS,
        "band": states.BANDS,
        "scope": states.SCOPES,
        "state": states.STATES,
        "decision": states.RESULTS,
        "takedown_word": states.WORDS,
        "takedown_state": {"draft": "拟文", "sent": "已发出", "void": "作废"},
        "takedown_judged": OFFERED,
        "relisted_how": relisting.KINDS,
        "tracks": {name: track.label for name, track in TRACKS.items()},
        "tier": {"exact": "原文", "folded": "还原伪装"},
        **dict.fromkeys(("machine_scope", "decided_scope"), states.SCOPES),
        **dict.fromkeys(("offer_types", "machine_offer_types", "decided_types"), classes),
        **dict.fromkeys(("certificate_kinds", "machine_certificate_kinds", "decided_families"), families),
    }


def shipped() -> bytes:
    """What index_mappings/kibana/adwatch.ndjson holds."""
    return ndjson(build(vocabulary()))


def problems(settings: Settings, file: Path | None = None) -> list[dict[str, Any]]:
    """What the checks say of a file, or of the shipped one: number of the check and what is wrong."""
    if file is None:
        looked_at = given(FILE.read_bytes(), vocabulary())
    else:
        looked_at = given(_bytes(file), vocabulary(), settings.console_url or CONSOLE, file.name)
    return [{"check": number, "wrong": said} for number, said in run(looked_at)]


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: cannot be read ({error.strerror})") from error


def export(settings: Settings, file: Path) -> dict[str, Any]:
    """Write the file for an import by hand: file, objects, console."""
    if file.suffix != ".ndjson":
        raise UsageError(f"{file}: Kibana takes only a file whose name ends in .ndjson")
    console = settings.console_url or CONSOLE
    objects = build(vocabulary(), console)
    try:
        file.write_bytes(ndjson(objects))
    except OSError as error:
        raise UsageError(f"{file}: cannot be written ({error.strerror})") from error
    return {"file": str(file), "objects": len(objects), "console": console, "linked": bool(settings.console_url)}


def apply(settings: Settings, region: tuple[str, str] | None = None) -> dict[str, Any]:
    """Put space, roles and objects into the Kibana of the settings: what was done."""
    if not settings.console_url:
        raise SettingsError("ADWATCH_CONSOLE_URL: is not set; Kibana links each case to the console at this address")
    data = ndjson(build(vocabulary(), settings.console_url))
    if wrong := run(given(data, vocabulary(), settings.console_url)):
        raise KibanaError(f"check {wrong[0][0]}: {wrong[0][1]}; nothing was sent")
    made = roles() | (roles(region) if region else {})
    with Kibana(settings) as kibana:
        version = kibana.version()
        done = kibana.put_space(space())
        for name, body in made.items():
            kibana.put_role(name, body)
        count = kibana.import_objects(space()["id"], data)
    return {
        "kibana": settings.kibana_url,
        "version": version,
        "space": f"{space()['id']} {done}",
        "roles": list(made),
        "objects": count,
    }
