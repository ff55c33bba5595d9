"""Section ``interface`` of a platform file: an open interface with keys (kind: signed_json).

The text under each field is its documentation in docs/adding-a-platform.md.
"""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from collectors.selectors import check_jmespath
from collectors.spec_fields import Strict

FailureWord = Literal[
    "bad_key", "no_permission", "bad_clock", "quota_spent", "throttled", "unavailable", "bad_request", "empty"
]


class Key(Strict):
    """Which key is sent, and where; its values come from ADWATCH_KEYS, never from this file."""

    name: str
    """Name of the key in ADWATCH_KEYS."""
    id: str | None = None
    """Parameter for its id (app_key, client_id)."""
    token: str | None = None
    """Parameter for its token (access_token)."""
    token_needed: bool = False
    """Whether nothing is asked without a token."""


class Stamp(Strict):
    """The time of the request."""

    name: str = "timestamp"
    """Its parameter."""
    format: str = "unix"
    """unix (seconds) or a form of strftime."""
    zone: str = "Asia/Shanghai"
    """In which it is written."""


class Sign(Strict):
    """The signature."""

    name: str = "sign"
    """Its parameter."""
    scheme: Literal["wrapped_md5", "hmac_md5", "hmac_sha256"] = "wrapped_md5"
    """wrapped_md5: MD5 of secret + parameters + secret; hmac_*: HMAC of the parameters."""


class Failures(Strict):
    """How the interface says that it did not answer, with HTTP 200 too."""

    codes: tuple[str, ...]
    """JMESPath of codes, the most particular first; nothing is found in an answer that is well."""
    message: str | None = None
    """JMESPath of what it says to it."""
    words: dict[FailureWord, tuple[str, ...]] = Field(default_factory=dict)
    """By meaning: bad_key, no_permission, bad_clock, quota_spent, throttled, unavailable, bad_request, empty."""
    empty_says: str | None = None
    """Regular expression of the message with which a code of ``empty`` means that nothing was found."""
    wait: str | None = None
    """Regular expression whose group is the number of seconds to wait."""

    @field_validator("codes")
    @classmethod
    def _paths(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(check_jmespath(each) for each in value)

    @field_validator("message")
    @classmethod
    def _path(cls, value: str | None) -> str | None:
        return check_jmespath(value) if value is not None else None

    @field_validator("empty_says", "wait")
    @classmethod
    def _pattern(cls, value: str | None) -> str | None:
        if value is not None:
            re.compile(value)
        return value


class Interface(Strict):
    """An open interface with keys; the parameters of a list stand in its ``body``."""

    send: Literal["form", "json", "query"] = "form"
    """How the parameters are sent; a mapping among them is sent as one JSON text, but in json without signature."""
    parameters: dict[str, str] = Field(default_factory=dict)
    """Sent with every request besides the list's own, such as the pid or the adzone_id that an office was given."""
    key: Key
    """Which key."""
    stamp: Stamp | None = None
    """The time of the request, where it is sent."""
    sign: Sign | None = None
    """The signature, where there is one."""
    failures: Failures
    """How it says no."""
    quota: int | None = Field(None, ge=1)
    """Requests a day that the key has, of all workers and platforms that use it."""

    @model_validator(mode="after")
    def _needs_an_id(self) -> Self:
        if self.sign is not None and self.key.id is None:
            raise ValueError("a signature needs key.id, the parameter for the key's id")
        return self
