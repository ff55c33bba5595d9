"""What speaks for a false look-up beside the page's words: likeness to official sites, TLS certificate, hosting."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from classifiers.sites.facts import Facts, Point

YOUNG_DAYS = 90
"""Age of a TLS certificate that says little of an authority's site."""
LIKE = 0.85
"""Likeness of screenshots from which they are taken for the same design."""
STRUCTURE = 0.8
"""Likeness of structures from which one is taken for a copy of the other."""
FREE = ("let's encrypt", "zerossl", "buypass", "google trust services", "cloudflare")
"""Issuers that give anybody a certificate at once and for nothing."""


def around(facts: Facts, filed: bool) -> Iterator[Point]:
    """Points; ``filed``: whether the page shows an ICP number whose form is right."""
    if facts.certificate_from is not None:
        noon = datetime(facts.day.year, facts.day.month, facts.day.day, 12, tzinfo=UTC)
        age = (noon - facts.certificate_from).days
        if 0 <= age < YOUNG_DAYS:
            yield Point("certificate", 0.3, f"TLS证书{age}天前签发")
    if issuer := next((each for each in FREE if each in facts.certificate_issuer.lower()), None):
        yield Point("issuer", 0.2, f"TLS证书由免费签发机构（{issuer}）签发")
    if facts.likeness is not None and facts.likeness >= LIKE:
        yield Point("likeness", 2.0, f"截图与官方网站相似度{facts.likeness:.2f}")
    if facts.icon_like:
        yield Point("icon", 1.5, f"网站图标与官方网站 {facts.icon_like} 相同或极为相似")
    if facts.structure_like is not None and facts.structure_like[1] >= STRUCTURE:
        host, like = facts.structure_like
        yield Point("structure", 1.5, f"页面结构与官方网站 {host} 相似度{like:.2f}")
    if facts.mainland and not filed:
        yield Point("no_icp", 0.6, f"由境内主机提供（{facts.mainland}）而没有标明ICP备案号")
