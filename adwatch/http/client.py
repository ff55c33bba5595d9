"""The polite client: robots, rate, retries, redirects, conditional requests; what is read was archived before."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin

from adwatch.archive import Exchange, Undecodable, body_place, decode_body, window
from adwatch.errors import ArchiveError, Blocked, BudgetSpent, Refused, RobotsDenied, Unreachable
from adwatch.failpoints import failpoint
from adwatch.http.addresses import clean_url, host_key, origin
from adwatch.http.manners import (
    SOFTWARE,
    Budget,
    Fetched,
    Limiter,
    Manners,
    NoBudget,
    NoSecrets,
    NoValidators,
    Replay,
    Request,
    Validators,
    user_agent,
)
from adwatch.http.robots import Rules, read_rules
from adwatch.http.sealing import Seal, Sealed
from adwatch.http.transport import Headers, Reply, Transport, UntrustedServer
from adwatch.http.waits import backoff, retry_after
from adwatch.models import Capture
from adwatch.ports import Clock, Renderer, Save, Secrets, Validator

_REDIRECTS = (301, 302, 303, 307, 308)
_PATIENCE = 120.0
"""Seconds a Retry-After may ask for; the host is held for longer, but this run does not wait for it."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a client needs of the house; all of it can be replaced in a test."""

    limiter: Limiter
    """Shared by all processes."""
    clock: Clock
    """Time of captures."""
    contact: str = ""
    """Contact of the office, sent in the User-Agent and kept as operator."""
    validators: Validators = field(default_factory=NoValidators)
    """Remembers ETag and Last-Modified."""
    recall: Callable[[Capture], bytes] | None = None
    """Reads an archived body back, for 304; without it every request is unconditional."""
    sleep: Callable[[float], None] = time.sleep
    """Waits between attempts."""
    jitter: Callable[[], float] = random.random
    """0..1."""
    budgets: Budget = field(default_factory=NoBudget)
    """Counts a day's requests, shared by all processes."""
    secrets: Secrets = field(default_factory=NoSecrets)
    """Keys of open interfaces, by ``name.part``."""
    renderer: Renderer | None = None
    """The browser for pages that are made by their own scripts."""


@dataclass(frozen=True, slots=True)
class _Asked:
    reply: Reply
    capture: Capture
    body: bytes | None = None
    """Of the earlier answer, on a 304."""


class Client:
    """Fetches for one platform."""

    def __init__(
        self,
        platform: str,
        manners: Manners,
        transport: Transport,
        tools: Tools,
        replay: Replay | None = None,
        seal: Seal | None = None,
    ) -> None:
        self.platform, self.manners, self.transport, self.tools = platform, manners, transport, tools
        self.replay, self.seal = replay, seal
        self._rules: dict[tuple[str, tuple[str, str, int]], Rules] = {}

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()

    def fetch(self, request: Request, day: str, save: Save) -> Fetched:
        """The answer at the end of all redirects, archived; a FetchError says how it failed.

        Answers of 404, 410 and other client errors are given back: what they mean depends on what was asked for.
        """
        url, seen = clean_url(request.url), set[tuple[str, str]]()
        first, method, body = url, request.method, request.body
        for _hop in range(self.manners.max_redirects + 1):
            if (method, url) in seen:
                raise Refused(f"{first}: 循环跳转 redirects in a circle at {url}")
            seen.add((method, url))
            if self.seal is None:  # an interface with keys is asked by its owner's leave
                self._obey_robots(url, day, save)
            context = request.context if url == first else {**request.context, "requested": first}
            extra = (*self.manners.headers, *request.headers) if origin(url) == origin(first) else ()
            asked = self._ask(Request(url, request.role, method, body, extra, context, request.conditional), day, save)
            location = asked.reply.header("location")
            if asked.reply.status not in _REDIRECTS or not location:
                return self._answer(url, asked)
            if self.seal is not None:
                raise Refused(f"{url}: 要求跳转，密钥不发往别处 redirects; a key is never sent anywhere else")
            if asked.reply.status == 303 or (method == "POST" and asked.reply.status in (301, 302)):
                method, body = "GET", b""
            url = clean_url(urljoin(url, location))
        raise Refused(f"{first}: 跳转过多 more than {self.manners.max_redirects} redirects")

    def _answer(self, url: str, asked: _Asked) -> Fetched:
        reply = asked.reply
        if reply.status == 429 or reply.status in self.manners.block_status:
            raise Blocked(f"{url}: 被网站拒绝 the site refuses us ({reply.status} {reply.reason})")
        if reply.status >= 500 and reply.status not in self.manners.told:
            raise Unreachable(f"{url}: 网站返回 answers {reply.status} {reply.reason}")
        if reply.truncated == "length":
            raise Refused(f"{url}: 网页过大 more than {self.manners.max_bytes:,} bytes")
        if reply.truncated:
            raise Unreachable(f"{url}: 应答超时 the answer took too long")
        if asked.body is not None:
            return Fetched(asked.capture, url, 200, reply.headers, asked.body)
        if reply.status == 304:
            raise Unreachable(f"{url}: 误称没有变化 answers 304 though nothing was said of an earlier answer")
        try:
            body = decode_body(reply.body, reply.header("content-encoding"), self.manners.max_decoded)
        except Undecodable as error:
            raise Refused(f"{url}: 网页内容无法读取 the body cannot be read: {error}") from error
        return Fetched(asked.capture, url, reply.status, reply.headers, body)

    def _obey_robots(self, url: str, day: str, save: Save) -> None:
        refusal = self._rules_for(url, day, save).refusal(url)
        if refusal is not None:
            raise RobotsDenied(f"{url}: {refusal}")

    def _rules_for(self, url: str, day: str, save: Save) -> Rules:
        key = (day, origin(url))
        if key not in self._rules:
            self._rules[key] = self._fetch_rules(clean_url(urljoin(url, "/robots.txt")), day, save)
        return self._rules[key]

    def _fetch_rules(self, url: str, day: str, save: Save) -> Rules:
        for _hop in range(6):
            reply = self._ask(Request(url, "robots", conditional=False), day, save).reply
            location = reply.header("location")
            if reply.status in _REDIRECTS and location:
                url = clean_url(urljoin(url, location))
                continue
            try:
                return read_rules(reply.status, decode_body(reply.body, reply.header("content-encoding")))
            except Undecodable as error:
                return Rules(
                    None, denied=f"robots.txt 无法读取，暂不访问 cannot be read ({error}): nothing is fetched for now"
                )
        return Rules(None)

    def _interval(self, request: Request, day: str) -> float:
        interval = 1.0 / self.manners.per_second
        rules = self._rules.get((day, origin(request.url)))
        return interval if rules is None or self.manners.agreed else max(interval, rules.delay)

    def _ask(self, request: Request, day: str, save: Save) -> _Asked:
        """One address, asked until it answers or patience ends; every answer is archived.

        What a run that is continued has archived already is not asked for again.
        """
        kept = self.replay.find(request) if self.replay is not None else None
        if kept is not None:
            reply = Reply(kept.status, "", kept.headers, kept.body, kept.capture.server_ip)
            return _Asked(reply, kept.capture, kept.earlier)
        host = host_key(request.url)
        for attempt in range(self.manners.retries + 1):
            last = attempt == self.manners.retries
            self._spend(day)
            known, earlier = self._known(request, day)
            headers = self._headers(request, known)
            self.tools.limiter.wait(host, self._interval(request, day))
            failpoint("collect.before_request")
            try:
                reply, later = self._sent(request, headers)
            except UntrustedServer:
                raise
            except Unreachable:
                if last:
                    raise
                self.tools.sleep(backoff(attempt, self.tools.jitter()))
                continue
            if later is not None:
                request = replace(request, context={**request.context, "later": later})
            unchanged = reply.status == 304 and known is not None
            capture = save(self._exchange(request, day, headers, reply, known.capture if unchanged and known else None))
            if later is not None or reply.status == 429 or reply.status >= 500:
                wait = later or retry_after(reply.header("retry-after"), self.tools.clock.now(), reply.header("date"))
                if wait:
                    self.tools.limiter.hold(host, wait)
                if not last and reply.status not in self.manners.told and (wait or 0.0) <= _PATIENCE:
                    if wait is None:
                        self.tools.sleep(backoff(attempt, self.tools.jitter()))
                    continue
                if later is not None:
                    message = (
                        f"{request.url}: 被限速 throttled: to be asked again in {later:.0f} s; the rest is asked later"
                    )
                    raise BudgetSpent(message)
            self._remember(request, reply, capture)
            return _Asked(reply, capture, earlier if unchanged else None)
        raise Unreachable(f"{request.url}: 没有访问 no attempt was made")

    def _sent(self, request: Request, headers: Headers) -> tuple[Reply, float | None]:
        """The answer, and for how long an interface with keys bids us wait; nothing of a key is left in it."""
        if self.seal is None:
            return self.transport.send(request.method, request.url, headers, request.body), None
        sealed: Sealed = self.seal.seal(request, self.tools.clock.now())
        try:
            reply = self.transport.send(sealed.method, sealed.url, (*headers, *sealed.headers), sealed.body)
        except Unreachable as error:
            raise type(error)(self.seal.hidden(str(error))) from None
        return self.seal.cleaned(reply), self.seal.later(reply)

    def _spend(self, day: str) -> None:
        """Every request that goes out counts, robots.txt and repeated ones too."""
        if self.seal is not None:
            self.seal.spend(day)
        most = self.manners.budget
        if most is not None and not self.tools.budgets.take(self.platform, day, most):
            raise BudgetSpent(
                f"{self.platform}: 次数用完 the budget of {most} requests a day is spent; the rest is asked later"
            )

    def _known(self, request: Request, day: str) -> tuple[Validator | None, bytes | None]:
        """A validator to ask with, if the body it stands for can still be read and will be kept as long."""
        if not request.conditional or request.method != "GET" or self.tools.recall is None:
            return None, None
        known = self.tools.validators.get(request.url)
        if known is None or window(body_place(known.capture)[0]) != window(day):
            return None, None
        try:
            return known, self.tools.recall(known.capture)
        except ArchiveError:
            return None, None

    def _remember(self, request: Request, reply: Reply, capture: Capture) -> None:
        etag, modified = reply.header("etag"), reply.header("last-modified")
        whole = reply.status == 200 and reply.truncated is None and "undecodable" not in capture.context
        if request.conditional and request.method == "GET" and whole and capture.id is not None and (etag or modified):
            self.tools.validators.put(request.url, etag, modified, capture.id)

    def _headers(self, request: Request, known: Validator | None) -> Headers:
        headers = [
            ("User-Agent", user_agent(self.tools.contact)),
            ("Accept", "text/html, application/json;q=0.9, */*;q=0.8"),
            ("Accept-Language", "zh-CN, zh;q=0.9, en;q=0.5"),
            ("Accept-Encoding", "gzip, deflate"),
            *request.headers,
        ]
        if known is not None and known.etag:
            headers.append(("If-None-Match", known.etag))
        if known is not None and known.last_modified:
            headers.append(("If-Modified-Since", known.last_modified))
        return tuple(headers)

    def _exchange(
        self, request: Request, day: str, headers: Headers, reply: Reply, earlier: Capture | None
    ) -> Exchange:
        return Exchange(
            platform=self.platform,
            day=day,
            role=request.role,
            url=request.url,
            method=request.method,
            fetched_at=self.tools.clock.now(),
            status=reply.status,
            reason=reply.reason,
            request_headers=headers,
            request_body=request.body,
            response_headers=reply.headers,
            body=reply.body,
            server_ip=reply.server_ip,
            operator=self.tools.contact or None,
            software=SOFTWARE,
            truncated=reply.truncated,
            earlier=earlier,
            context=request.context,
        )
