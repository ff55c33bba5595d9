"""The application: screens found by themselves, a check before every route, errors as pages."""

from __future__ import annotations

import secrets
from urllib.parse import urlencode

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from adwatch import __version__
from adwatch.app import Office, accounts
from adwatch.console import door, mistakes, pages
from adwatch.console.background import Pusher
from adwatch.console.confirm import Tokens
from adwatch.console.desk import COOKIE, GUEST, Cookies, Denied, Desk, SignInFirst
from adwatch.console.guard import SAFE, Guard, TooLarge
from adwatch.console.screens import Screen, found_screens
from adwatch.errors import AdWatchError

LOOPBACK = ("127.0.0.1", "localhost", "::1")
GUEST_SECONDS = 3600


def application(office: Office, names: tuple[str, ...] = LOOPBACK) -> Guard:
    """The console of an office, answering to these host names."""
    office.engine, office.families, office.classes, office.law, office.platforms  # noqa: B018 - threads share them
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(check)])
    screens = found_screens()
    app.state.office = office
    app.state.cookies = Cookies(accounts.console_key(office.home))
    app.state.tokens = Tokens(office)
    app.state.menu = sorted((each for each in screens if each.title), key=lambda each: each.order)
    app.state.push = Pusher(office)
    app.state.version = __version__
    app.state.screens = {each.name: each for each in screens}
    app.include_router(door.router)
    app.add_api_route("/", lambda: RedirectResponse(f"/{app.state.menu[0].name}", 303), methods=["GET"])
    for screen in screens:
        app.include_router(screen.router, prefix=f"/{screen.name}", dependencies=[Depends(_entry(screen))])
    app.mount("/static", StaticFiles(directory=pages.HERE / "static"))
    for kind in (SignInFirst, Denied, AdWatchError, TooLarge, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, _answer)

    async def refused(scope: Scope, status: int, words: str) -> Response:
        request = Request({**scope, "app": app})
        return await run_in_threadpool(mistakes.answer, request, Denied(words, status))

    return Guard(app, names, refused)  # outside of all, so that the page of an unforeseen error has the headers too


async def _sent_token(request: Request) -> str | None:
    """The CSRF token of a form, or of a request that htmx sends."""
    if request.method in SAFE:
        return None
    header = request.headers.get("x-csrf-token")
    if header is not None:
        return header
    form = await request.form()
    token = form.get("csrf")
    return token if isinstance(token, str) else None


def check(request: Request, sent: str | None = Depends(_sent_token)) -> None:
    """Before every route: who is signed in, and whether a form is one that we gave them. The door is open to all."""
    office: Office = request.app.state.office
    cookies: Cookies = request.app.state.cookies
    desk = mistakes.signed_in(request, office, cookies)
    if desk is not None:
        request.state.desk = desk
        wanted = desk.who.csrf
    elif request.scope["route"].path in door.OPEN:
        wanted = cookies.read(request, GUEST, GUEST_SECONDS) or ""
    else:
        raise SignInFirst
    if request.method not in SAFE and not (wanted and accounts.token_fits(wanted, sent)):
        raise Denied("表单已过期或不是本页发出的，请返回重新打开后再提交")
    if not wanted:
        wanted = request.state.new_guest = secrets.token_urlsafe(24)
    request.state.csrf = wanted


def _entry(screen: Screen):  # type: ignore[no-untyped-def] # a dependency, which FastAPI calls
    def enter(request: Request) -> None:
        """Refuse a role to whom the screen is closed."""
        desk: Desk = request.state.desk
        if screen.roles is not None and desk.who.role not in screen.roles:
            raise Denied(f"“{accounts.ROLES[desk.who.role]}”不能查看“{screen.title}”")
        if screen.whole:
            desk.need_whole()

    return enter


def _answer(request: Request, error: Exception) -> Response:
    return _to_the_door(request) if isinstance(error, SignInFirst) else mistakes.answer(request, error)


def _to_the_door(request: Request) -> Response:
    """The sign-in page, which leads back to the page; it says so where a session has ended, also in another tab."""
    part, cookies = bool(request.headers.get("hx-request")), request.cookies
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    came = mistakes.back(request)  # the page of ours that a form, a part or a link was on
    if part or request.method not in SAFE:
        path = "/" if came.partition("?")[0] == request.url.path else came
    inside = came != "/" and not came.startswith(("/sign-in", "/link/"))
    ended = COOKIE in cookies or part or request.method not in SAFE or inside
    asked = {name: value for name, value in (("next", path), ("ended", "1" if ended else "")) if value not in ("", "/")}
    where = f"/sign-in?{urlencode(asked)}" if asked else "/sign-in"
    if part:
        return Response(status_code=204, headers={"HX-Redirect": where})
    return RedirectResponse(where, 303)
