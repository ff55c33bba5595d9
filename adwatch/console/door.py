"""The door: signing in and out, and one-time links by which a password is set. Open to those who are not signed in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from adwatch.app import Office, accounts
from adwatch.console import pages
from adwatch.console.desk import COOKIE, GUEST, Cookies, Denied, local
from adwatch.errors import UsageError

OPEN = ("/sign-in", "/link/{token}")
"""Routes for which nobody need be signed in; every other one needs a session."""
router = APIRouter()
Field = Annotated[str, Form(max_length=300)]


def _office(request: Request) -> Office:
    office: Office = request.app.state.office
    return office


def _render(request: Request, template: str, status: int = 200, **values: object) -> Response:
    response = pages.render(request, template, values, status)
    guest = getattr(request.state, "new_guest", None)
    if guest is not None:
        cookies: Cookies = request.app.state.cookies
        cookies.write(request, response, GUEST, guest, 3600)
    return response


@router.get("/sign-in")
def sign_in_page(request: Request, next: str = "/", ended: bool = False) -> Response:
    """The form, which says whether a session has ended; whoever is signed in goes on."""
    if hasattr(request.state, "desk"):
        return RedirectResponse(local(next), 303)
    words = "登录已失效，请重新登录" if ended else ""
    return _render(request, "sign_in.html", next=local(next), words=words, name="")


@router.post("/sign-in")
def sign_in(request: Request, name: Field = "", password: Field = "", next: Field = "/") -> Response:
    """A new session with a new token: one that was there before the sign-in is worth nothing after it."""
    try:
        token = accounts.sign_in(_office(request), name, password)
    except UsageError as error:
        return _render(request, "sign_in.html", 403, next=local(next), words=str(error), name=name)
    cookies: Cookies = request.app.state.cookies
    response = RedirectResponse(local(next), 303)
    cookies.write(request, response, COOKIE, token, accounts.LIFE.total_seconds())
    response.delete_cookie(GUEST, path="/")
    return response


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    """End the session in the store, not in the browser only."""
    desk = request.state.desk
    accounts.sign_out(desk.office, desk.token, desk.who)
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(COOKIE, path="/")
    return response


@router.get("/link/{token}")
def link_page(request: Request, token: str) -> Response:
    """The form of a one-time link; opening it does not use it up."""
    found = accounts.link(_office(request), token)
    if found is None:
        raise Denied("此一次性链接无效、已用过或已过期；请管理员重新签发", 404)
    unit = _office(request).settings.unit
    return _render(
        request, "link.html", account=found["account"], words="", given={"name": "", "person": "", "unit": unit}
    )


@router.post("/link/{token}")
def use_link(
    request: Request,
    token: str,
    password: Field = "",
    again: Field = "",
    name: Field = "",
    person: Field = "",
    unit: Field = "",
) -> Response:
    """Set the password; the next step is the sign-in with it."""
    office, given = _office(request), {"name": name, "person": person, "unit": unit}
    found = accounts.link(office, token)
    if found is None:
        raise Denied("此一次性链接无效、已用过或已过期；请管理员重新签发", 404)
    try:
        made = accounts.use_link(office, token, password, again, given)
    except UsageError as error:
        return _render(request, "link.html", 400, account=found["account"], words=str(error), given=given)
    return _render(request, "sign_in.html", next="/", words="密码已设定，请登录", name=made)
