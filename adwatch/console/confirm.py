"""The step before an act that cannot be undone: a page that says what it does, and a token by which it is done once.

The first press of such a form gives that page, with all that was filled in; its button sends the same again with the
token. The token is of this session, address and content, holds for ten minutes, and is taken by the first that brings
it: a second press, or the same page in another window, does nothing more. It needs no script. It is signed with the
office's secret and noted in the store when it is taken, so any process of the console may take what another has given,
and after a restart it still counts once.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.responses import Response

from adwatch.app import Office, accounts
from adwatch.console.desk import At, Desk
from adwatch.console.mistakes import FIELDS

FIELD = "sure"
_YES = {"true": "是", "false": "否"}
SECONDS = 600
"""A token holds for so long."""


class Tokens:
    """Tokens given, and those taken."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.signer = URLSafeTimedSerializer(accounts.console_key(office.home), salt=FIELD)

    def give(self, about: str) -> str:
        """A new token for an act."""
        token = self.signer.dumps([about, secrets.token_urlsafe(12)])
        return token if isinstance(token, str) else token.decode()

    def fits(self, token: str, about: str) -> bool:
        """Whether it was given for just this act, and not too long ago."""
        try:
            return bool(self.signer.loads(token, max_age=SECONDS)[0] == about)
        except BadSignature:
            return False

    def take(self, token: str) -> bool:
        """True for the first who brings it, to whichever process."""
        return accounts.take_once(self.office, token, timedelta(seconds=2 * SECONDS))


class Asking:
    """The form of a request for an act that is asked for first."""

    def __init__(self, desk: Desk, tokens: Tokens, fields: Sequence[tuple[str, str]], token: str) -> None:
        self.desk, self.tokens, self.fields, self.token = desk, tokens, fields, token

    def first(self, act: str, effect: str, back: str) -> Response | None:
        """The page that asks, or for a token that was taken the way back; None: the act is to be done now, once.

        ``act`` names it with its object, ``effect`` says what cannot be undone; ``back`` is a page of ours.
        """
        self.desk.request.state.back = back  # if the act fails: this address itself answers no GET
        said = json.dumps([self.desk.token, self.desk.request.url.path, *self.fields], ensure_ascii=False)
        about = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
        if self.token and self.tokens.fits(self.token, about):
            if self.tokens.take(self.token):
                return None
            return self.desk.go(back, said="这一步已经提交过，没有再办一次")
        return self.desk.page(
            "confirm.html",
            act=act,
            effect=effect,
            back=back,
            action=self.desk.request.url.path,
            fields=self.fields,
            shown=_shown(self.fields),
            sure=self.tokens.give(about),
        )


async def _asking(desk: At, request: Request) -> Asking:
    form = await request.form()
    fields = [(key, value) for key, value in form.multi_items() if isinstance(value, str)]
    token = next((value for key, value in fields if key == FIELD), "")
    kept = [(key, value) for key, value in fields if key not in (FIELD, "csrf")]
    return Asking(desk, request.app.state.tokens, kept, token)


def _shown(fields: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Fields that a person filled in, by their names on the forms."""
    return [(FIELDS[key], _YES.get(value, value)) for key, value in fields if key in FIELDS and value.strip()]


Sure = Annotated[Asking, Depends(_asking)]
"""What a route takes to ask first."""
