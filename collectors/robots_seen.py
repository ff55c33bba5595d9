"""What robots.txt says, read as it passes by on its way to the archive."""

from __future__ import annotations

from adwatch.archive import Undecodable, decode_body
from adwatch.http.robots import read_rules
from adwatch.models import Capture
from adwatch.ports import Exchange, HandedFile, Save


class RobotsSeen:
    """A Save that remembers what robots.txt asks for."""

    def __init__(self, save: Save) -> None:
        self._save = save
        self.delay = 0.0
        """Crawl-delay in seconds."""
        self.told = ""
        """In words; empty before it was asked for."""

    def __call__(self, exchange: Exchange | HandedFile) -> Capture:
        """Save, and read it where it is robots.txt."""
        capture = self._save(exchange)
        if isinstance(exchange, Exchange) and exchange.role == "robots":
            encoding = next(
                (value for name, value in exchange.response_headers if name.lower() == "content-encoding"), None
            )
            try:
                rules = read_rules(exchange.status, decode_body(exchange.body, encoding))
            except Undecodable:
                return capture  # the client says so when it refuses to fetch
            self.delay = rules.delay
            denied = rules.refusal(exchange.url.removesuffix("/robots.txt") + "/")
            delay = f", Crawl-delay {rules.delay:g} s" if rules.delay else ""
            self.told = (
                f"{f'不许 {denied}' if denied else '首页许可 the front page is allowed'} ({exchange.status}{delay})"
            )
        return capture
