"""Roles of the console's accounts, what each may do, and a signed-in session."""

from __future__ import annotations

from dataclasses import dataclass

from adwatch.models import Actor

ROLES = {"monitor": "监测员", "reviewer": "审核员", "head": "负责人", "viewer": "只读", "admin": "管理员"}
"""Roles with their Chinese names."""

RIGHTS = {
    "register": frozenset({"monitor", "reviewer", "head"}),
    "decide": frozenset({"reviewer", "head"}),
    "note": frozenset({"monitor", "reviewer", "head"}),
    "unmask": frozenset({"reviewer", "head"}),
    "request": frozenset({"monitor", "reviewer", "head"}),
    "sign": frozenset({"head"}),
    "transfer": frozenset({"reviewer", "head"}),
    "export": frozenset({"monitor", "reviewer", "head"}),
    "report": frozenset({"monitor", "reviewer", "head"}),
    "audit": frozenset({"head", "admin"}),
    "settings": frozenset({"head", "admin"}),
    "accounts": frozenset({"admin"}),
}
"""What a role may do; everybody who has an account may look within its limits."""


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in."""

    account_id: int
    """Surrogate key of the account."""
    name: str
    """Name that was typed."""
    actor: Actor
    """Person, unit and role, as acts are recorded."""
    role: str
    """Id of the role."""
    regions: tuple[str, ...]
    """Begins of the regions it is limited to; none: every region."""
    families: tuple[str, ...]
    """Certificate families it is limited to; none: every family."""
    csrf: str
    """Token that every form of the session carries."""

    def may(self, right: str) -> bool:
        """Whether the role has a right of ``RIGHTS``."""
        return self.role in RIGHTS[right]

    @property
    def limited(self) -> bool:
        """Whether it sees a part of the office's cases only."""
        return bool(self.regions or self.families)
