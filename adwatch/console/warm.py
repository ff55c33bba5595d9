"""What a process pays once is paid when it has begun to listen, and not by who comes first: templates, imports,
statements, a connection, tables of the office, and what the first pages read from the disk.

Each screen's first page is made for nobody and thrown away, then the first of what it lists; nothing is written.
"""

from __future__ import annotations

import inspect
import re
import time
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from adwatch.app import Office
from adwatch.app.accounts import Session
from adwatch.app.queue import Filters, lead_page
from adwatch.console import pages
from adwatch.console.desk import Desk
from adwatch.console.screens import Screen
from adwatch.models import Actor

MORE = (
    "/takedown/clocks",
    "/takedown/{number}",
    "/transfer/{number}",
    "/subject/{number}",
    "/sites/{number}",
    "/reports/{name}/{key}",
)
"""Pages of one thing each; whatever a first page links to first."""
Found = dict[str, tuple[APIRoute, dict[str, Any]]]
"""By address the route, and what stands in its place of the address."""


def warm(app: FastAPI, go_on: Callable[[], bool] = lambda: True) -> list[str]:
    """Make all that the first users would wait for, while ``go_on``; the addresses that were made.

    What cannot be made is logged and left to who asks for it: no start fails for it.
    """
    office: Office = app.state.office
    began, made = time.perf_counter(), list[str]()
    behind: Found = {}
    for screen in sorted(app.state.screens.values(), key=lambda each: each.order):
        for path, (route, values) in _first_pages(office, screen).items():
            if go_on() and (page := _made(app, path, route, values)) is not None:
                made.append(path)
                behind |= _linked(screen, page)
    for path, (route, values) in behind.items():
        if go_on() and _made(app, path, route, values) is not None:
            made.append(path)
    for name in pages.environment().list_templates() if go_on() else ():
        pages.environment().get_template(name)
    office.log.info("console warm", pages=len(made), seconds=round(time.perf_counter() - began, 1))
    return made


def _first_pages(office: Office, screen: Screen) -> Found:
    """What a screen begins with: its list; of the screen of cases the first lead that waits."""
    routes = _routes(screen)
    if (route := routes.get(f"/{screen.name}")) is not None:
        return {f"/{screen.name}": (route, {})}
    if (route := routes.get("/cases/{case_id}")) is None:
        return {}
    rows, _ = lead_page(office, Filters(states=("screening",)), None, 1)
    return {f"/cases/{row['case_id']}": (route, {"case_id": row["case_id"]}) for row in rows}


def _routes(screen: Screen) -> dict[str, APIRoute]:
    """Its routes to look at, by their whole path."""
    routes = [each for each in screen.router.routes if isinstance(each, APIRoute) and "GET" in each.methods]
    return {f"/{screen.name}{each.path}": each for each in routes}


def _linked(screen: Screen, page: Response) -> Found:
    """The first link on a page to each kind of MORE."""
    found: Found = {}
    links, routes = re.findall(rf'href="(/{screen.name}(/[^"?]+))"', bytes(page.body).decode()), _routes(screen)
    for path, route in routes.items():
        wanted = [each for each in links if path in MORE and (each[0] == path or each[0] not in routes)]
        for link, match in ((link, match) for link, rest in wanted if (match := route.path_regex.match(rest))):
            asked = inspect.signature(route.endpoint).parameters
            given = match.groupdict().items()
            values = {name: int(value) if asked[name].annotation == "int" else value for name, value in given}
            found[link] = route, values
            break
    return found


def _made(app: FastAPI, path: str, route: APIRoute, values: dict[str, Any]) -> Response | None:
    """A page as its route makes it for somebody who may only look; None where it cannot be made."""
    office: Office = app.state.office
    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b"", "app": app}
    who = Session(0, "", Actor("console", "console", "viewer"), "viewer", (), (), "")
    try:
        made: Response = route.endpoint(Desk(Request(scope), office, app.state.cookies, "", who), **values)
    except Exception as error:  # noqa: BLE001 - whatever it is, the page itself will tell who asks for it
        office.log.warning("console not warm", page=path, error=type(error).__name__)
        return None
    return made
