"""robots.txt as RFC 9309 lays it down, read with protego; what cannot be told is taken as a no for now."""

from __future__ import annotations

from dataclasses import dataclass

from protego import Protego

AGENT = "AdWatch"
"""The name that robots.txt files may address."""

SIZE_LIMIT = 512 * 1024
"""Bytes that are read of a robots.txt at most (RFC 9309, 2.5: at least 500 KiB)."""

LONGEST_DELAY = 300.0
"""Crawl-delay in seconds beyond which a site is taken to say no."""

_MEANS_NO = (401, 403, 429)


@dataclass(frozen=True, slots=True)
class Rules:
    """What one origin's robots.txt says to us."""

    parsed: Protego | None
    """The rules; None where one word says it all."""
    denied: str | None = None
    """Why nothing at all may be asked."""
    delay: float = 0.0
    """Crawl-delay in seconds."""

    def refusal(self, url: str) -> str | None:
        """Why the address may not be fetched, or None if it may."""
        if self.denied is not None:
            return self.denied
        if self.parsed is not None and not self.parsed.can_fetch(url, AGENT):
            return "robots.txt forbids it"
        return None


def read_rules(status: int, body: bytes) -> Rules:
    """Rules by the answer to the request for robots.txt."""
    if status in _MEANS_NO or status >= 500:
        return Rules(None, denied=f"robots.txt 返回 {status}，暂不访问 answered {status}: nothing is fetched for now")
    if not 200 <= status < 300:
        return Rules(None)
    parsed = Protego.parse(body[:SIZE_LIMIT].decode("utf-8", "replace").lstrip("\ufeff"))
    delay = parsed.crawl_delay(AGENT) or 0.0
    if not 0.0 <= delay <= LONGEST_DELAY:
        return Rules(
            parsed,
            denied=f"robots.txt 间隔太长 asks for {delay} seconds between requests: taken as a no",
        )
    return Rules(parsed, delay=float(delay))
