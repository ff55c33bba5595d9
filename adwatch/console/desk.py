"""A desk: what a screen works with for one request: the office, who is signed in, what they may see, how it answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.responses import RedirectResponse, Response

from adwatch.app import Office, accounts, case_numbers
from adwatch.app.accounts import Session
from adwatch.app.queue import Filters
from adwatch.console import pages
from adwatch.errors import UsageError
from adwatch.models import Actor

COOKIE, GUEST, SAID = "adwatch_session", "adwatch_guest", "adwatch_said"


class SignInFirst(Exception):
    """Nobody is signed in."""


class Denied(Exception):
    """What the role, the limits or a missing token do not allow: ``status`` 403 or 404, and a sentence."""

    def __init__(self, words: str, status: int = 403) -> None:
        super().__init__(words)
        self.status = status


class Cookies:
    """Signed cookies; the key is the office's own."""

    def __init__(self, key: str) -> None:
        self.signers = {name: URLSafeTimedSerializer(key, salt=name) for name in (COOKIE, GUEST, SAID)}

    def read(self, request: Request, name: str, seconds: float) -> str | None:
        """What a cookie says; None if it is absent, altered or too old."""
        try:
            return str(self.signers[name].loads(request.cookies.get(name, ""), max_age=int(seconds)))
        except BadSignature:
            return None

    def write(self, request: Request, response: Response, name: str, value: str, seconds: float) -> None:
        """Set a cookie that no script reads and no other site sends."""
        signed = self.signers[name].dumps(value)
        signed = signed if isinstance(signed, str) else signed.decode()
        secure = request.url.scheme == "https"
        response.set_cookie(name, signed, int(seconds), httponly=True, samesite="lax", secure=secure, path="/")


class Desk:
    """One request of somebody who is signed in."""

    def __init__(self, request: Request, office: Office, cookies: Cookies, token: str, who: Session) -> None:
        self.request, self.office, self.cookies = request, office, cookies
        self.token = token
        """Of the session."""
        self.who = who
        """Account, role and limits."""
        self.hears = bool(request.headers.get("hx-request"))
        """Whether htmx asks, which takes a part of a page."""

    @property
    def actor(self) -> Actor:
        """Who acts, for every function that changes something."""
        return self.who.actor

    @property
    def today(self) -> date:
        """The day in the office's zone."""
        return self.office.clock.now().astimezone(self.office.settings.zone).date()

    @property
    def limits(self) -> Filters | None:
        """What the account is limited to; None where it sees all."""
        return accounts.limits(self.who) if self.who.limited else None

    def need(self, right: str) -> None:
        """Refuse whose role has not the right (``adwatch.app.accounts.RIGHTS``)."""
        if not self.who.may(right):
            label = accounts.ROLES[self.who.role]
            raise Denied(f"“{label}”不能进行此操作，请由有权限的人员办理")

    def need_whole(self) -> None:
        """Refuse an account that is limited to some regions or families what covers the whole office."""
        if self.who.limited:
            raise Denied("本账号限于部分地区或证书类别，此页涉及全部数据，请由不受限的账号办理")

    def allowed(self, ids: Iterable[int]) -> list[int]:
        """Those of some cases that the account may see and act on, in their order, each once."""
        wanted = list(dict.fromkeys(ids))
        seen = accounts.allowed(self.office, self.who, wanted)
        return [each for each in wanted if each in seen]

    def case(self, case_id: int) -> int:
        """The case, or 404: one outside the account's limits is as good as none."""
        if not self.allowed([case_id]):
            raise Denied(f"案件 {case_id}: 没有这个编号，或不在本账号的范围内", 404)
        return case_id

    def cases(self, written: str) -> list[int]:
        """Cases by either of their numbers as a field says them, each once; UsageError names what is not to be seen."""
        found = case_numbers.found(self.office, written)
        allowed = set(self.allowed(each for each in found.values() if each is not None))
        unseen = [number for number, case_id in found.items() if case_id not in allowed]
        if unseen:
            told = "、".join(each[:40] for each in unseen[:5])
            raise UsageError(f"{told}: 没有这个编号，或不在本账号的范围内")
        return list(dict.fromkeys(each for each in found.values() if each is not None))

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """A whole page, or a part for htmx: whatever the template is."""
        said = self.cookies.read(self.request, SAID, 60)
        response = pages.render(self.request, template, {**values, "desk": self, "said": said}, status)
        if said is not None:
            response.delete_cookie(SAID, path="/")
        return response

    def go(self, path: str, said: str = "") -> Response:
        """Answer a POST: the browser goes on to a page of ours, which says ``said`` once."""
        path = local(path)
        response: Response = RedirectResponse(path, 303)
        if self.hears:
            response = Response(status_code=204, headers={"HX-Redirect": quote(path, safe="/?&=%#:,;@!$'()*+~.-_")})
        if said:
            self.cookies.write(self.request, response, SAID, said[:500], 60)
        return response


def local(path: str) -> str:
    """A path of ours; anything that could lead elsewhere becomes the first page."""
    bad = any(char in path for char in "\\") or any(ord(char) < 33 or ord(char) == 127 for char in path)
    parts = urlsplit(path) if not bad else None
    if parts is None or parts.scheme or parts.netloc or not path.startswith("/") or path.startswith("//"):
        return "/"
    return path


def at_desk(request: Request) -> Desk:
    """The desk that the check before every route has made (``application``)."""
    desk: Desk = request.state.desk
    return desk


At = Annotated[Desk, Depends(at_desk)]
