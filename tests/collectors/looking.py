"""One first look at a site in memory."""

from __future__ import annotations

from dataclasses import replace

from adwatch.archive import Archive
from adwatch.settings import load_settings
from collectors.draft import Draft, look_at
from tests.collectors.fake_site import BASE, DAY, FakeSite


def look(site: FakeSite, path: str = "/", **more: object) -> Draft:
    """The draft of the page at ``path``; what was fetched lies in ``site.captures``."""
    settings = load_settings(home=site.folder, data=site.folder, _env_file=None)
    with Archive(site.folder / "archive", f"n{len(site.asked)}") as archive:

        def save(exchange: object) -> object:
            capture = replace(archive.keep(exchange), id=len(site.captures) + 1)  # type: ignore[arg-type]
            site.captures.append(capture)
            return capture

        given = {"name": "corner", "transport": site, **more}
        return look_at(settings, f"{BASE}{path}", site.tools, save, DAY, **given)  # type: ignore[arg-type]
