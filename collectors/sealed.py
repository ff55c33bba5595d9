"""The seal of an open interface: its keys, the time and the signature, by the platform file and ADWATCH_KEYS."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

import orjson

from adwatch.archive import Undecodable, decode_body
from adwatch.archive.records import REDACTED
from adwatch.errors import BadKey, BudgetSpent
from adwatch.http import Budget, Fetched, Reply, Request, Sealed
from adwatch.models import Outcome
from adwatch.text import one_line
from collectors.selectors import search_json
from collectors.signing import signature
from collectors.spec import PlatformSpec
from collectors.spec_interface import Failures, Interface

OUTCOME_OF: dict[str, Outcome] = {"no_permission": "blocked", "quota_spent": "ok", "unavailable": "unreachable"}
"""Outcome of a day on which an interface said this; of all other words it is error: a person must look."""
ENDS_THE_DAY = ("bad_key", "no_permission", "bad_clock", "quota_spent")
"""After these no further term is asked today."""
_DEFAULT_WAIT = 2.0
"""Seconds, where the interface says that we ask too often and not for how long."""
_LONGEST_MESSAGE = 200


@dataclass(frozen=True, slots=True)
class Failure:
    """What an interface said in the place of an answer."""

    word: str
    """One of the words of ``failures.words``; unknown where the file does not know its code."""
    code: str
    message: str

    @property
    def told(self) -> str:
        """For people."""
        return f"{self.word}: the interface answers {self.code} {one_line(self.message, _LONGEST_MESSAGE)}".rstrip()


def nested(root: Any) -> Any:
    """The answer with JSON texts opened that stand where an object should (JD's queryResult)."""
    if not isinstance(root, dict):
        return root
    return {
        name: {inner: _opened(value) for inner, value in each.items()} if isinstance(each, dict) else _opened(each)
        for name, each in root.items()
    }


def _opened(value: Any) -> Any:
    if isinstance(value, str) and value[:1] == "{" and value[-1:] == "}":
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return value  # a text that only looks like it
    return value


def failure_of(failures: Failures, root: Any) -> Failure | None:
    """What the answer says went wrong; None where it is an answer."""
    found = [str(code) for path in failures.codes if (code := search_json(path, root)) not in (None, False, "")]
    if not found:
        return None
    said = search_json(failures.message, root) if failures.message is not None else None
    message = "；".join(str(each) for each in (said if isinstance(said, list) else [said]) if each not in (None, ""))
    for code in found:
        for word, codes in failures.words.items():
            if code in codes and (word != "empty" or _says(failures.empty_says, message)):
                return Failure(word, code, message[:_LONGEST_MESSAGE])
    return Failure("unknown", found[0], message[:_LONGEST_MESSAGE])


def failure_in(spec: PlatformSpec, fetched: Fetched) -> Failure | None:
    """What an open interface said in the place of an answer; None for all other platforms."""
    return None if spec.interface is None else _failure(spec.interface.failures, fetched.body)


def _failure(failures: Failures, body: bytes) -> Failure | None:
    """Of a decoded body; None where it is no JSON."""
    try:
        return failure_of(failures, nested(orjson.loads(body)))
    except orjson.JSONDecodeError:
        return None


def _says(pattern: str | None, message: str) -> bool:
    return pattern is None or re.search(pattern, message, re.IGNORECASE) is not None


class KeySeal:
    """The Seal port for one platform."""

    def __init__(self, platform: str, interface: Interface, key: Mapping[str, str], day_budget: Budget) -> None:
        self.platform, self.interface, self.key, self.budget = platform, interface, key, day_budget
        self._forget("")

    def seal(self, request: Request, now: datetime) -> Sealed:
        """Parameters of the request's body, with id, token, time and signature."""
        given = orjson.loads(request.body or b"{}")
        parameters = {name: _text(value) for name, value in given.items() if value is not None}
        parameters = {**self.interface.parameters, **parameters}
        parameters |= self._credentials()
        face = self.interface
        if face.stamp is not None:
            parameters[face.stamp.name] = _stamp(face.stamp.format, face.stamp.zone, now)
        if face.sign is not None:
            parameters[face.sign.name] = signature(face.sign.scheme, self.key["secret"], parameters)
            self._forget(parameters[face.sign.name])
        if face.send == "query":
            return Sealed("GET", f"{request.url}?{urlencode(parameters, quote_via=quote)}", b"", ())
        if face.send == "json":
            return Sealed("POST", request.url, orjson.dumps(parameters), (("Content-Type", "application/json"),))
        kind = "application/x-www-form-urlencoded; charset=utf-8"
        return Sealed("POST", request.url, urlencode(parameters).encode(), (("Content-Type", kind),))

    def spend(self, day: str) -> None:
        """One request of the key's day."""
        name, most = f"key:{self.interface.key.name}", self.interface.quota
        if most is not None and not self.budget.take(name, day, most):
            raise BudgetSpent(f"{self.platform}: the key's {most} requests a day are spent; the rest is asked later")

    def cleaned(self, reply: Reply) -> Reply:
        """The answer without keys and signature, decoded where one stands in it."""
        try:
            body = decode_body(reply.body, reply.header("content-encoding"))
        except Undecodable:
            return reply  # nobody can read anything in it; it is kept as it came and refused later
        clean = self._secret_bytes.sub(REDACTED.encode(), body)
        headers = tuple((name, self.hidden(value)) for name, value in reply.headers)
        if clean == body:
            return replace(reply, headers=headers)
        kept = tuple(each for each in headers if each[0].lower() not in ("content-encoding", "content-length"))
        return replace(reply, headers=kept, body=clean)

    def hidden(self, text: str) -> str:
        """The text without keys and signature."""
        return self._secret.sub(REDACTED, text)

    def later(self, reply: Reply) -> float | None:
        """Seconds, where the answer is the interface's word for "too often"."""
        try:
            failure = _failure(self.interface.failures, decode_body(reply.body, reply.header("content-encoding")))
        except Undecodable:
            return None
        if failure is None or failure.word != "throttled":
            return None
        found = re.search(self.interface.failures.wait, failure.message) if self.interface.failures.wait else None
        return float(found[1]) if found else _DEFAULT_WAIT

    def _forget(self, last_signature: str) -> None:
        """What is never to be seen: parts of the key and the last signature, as words of their own, however written."""
        words = [value for value in (*self.key.values(), last_signature) if value]
        forms = {form for word in words for form in (word, quote(word, safe=""), json.dumps(word)[1:-1])}
        longest_first = sorted(forms, key=len, reverse=True)
        either = "|".join(re.escape(form) for form in longest_first) or "(?!)"
        self._secret = re.compile(f"(?<![0-9A-Za-z])(?:{either})(?![0-9A-Za-z])")
        self._secret_bytes = re.compile(self._secret.pattern.encode())

    def _credentials(self) -> dict[str, str]:
        face = self.interface
        needed = (["id", "secret"] if face.sign is not None else []) + (["token"] if face.key.token_needed else [])
        missing = [name for name in needed if not self.key.get(name)]
        if missing:
            name = face.key.name
            message = f"{self.platform}: bad_key: {' and '.join(missing)} of the key {name} are not set"
            raise BadKey(f'{message}; set ADWATCH_KEYS={{"{name}": {{"id": ..., "secret": ..., "token": ...}}}}')
        sent = {face.key.id: self.key.get("id"), face.key.token: self.key.get("token")}
        return {name: value for name, value in sent.items() if name is not None and value}


def _text(value: Any) -> str:
    """A parameter's value as it is signed and sent."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return orjson.dumps(value).decode()
    return str(value)


def _stamp(form: str, zone: str, now: datetime) -> str:
    return str(int(now.timestamp())) if form == "unix" else now.astimezone(ZoneInfo(zone)).strftime(form)
