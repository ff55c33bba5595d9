"""Platform files as a test needs them."""

from __future__ import annotations

from pathlib import Path

from adwatch.settings import load_settings
from collectors.registry import load_platforms
from collectors.spec import PlatformSpec

HEAD = """\
name: shop
label: 小店
kind: {kind}
base_url: {base}
allow_hosts: ["{base}"]
access: public_page
basis: 测试
rate: {{per_second: 100, agreed: test}}
"""


def write(folder: Path, text: str, name: str = "shop") -> Path:
    """A platform file in a data folder."""
    path = folder / "platforms" / f"{name}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def load(folder: Path, text: str, name: str = "shop") -> PlatformSpec:
    """The platform as the registry gives it."""
    write(folder, text, name)
    return load_platforms(load_settings(home=folder, data=folder, _env_file=None))[name]


def shop(folder: Path, base: str, body: str, kind: str = "html") -> PlatformSpec:
    """A platform with the usual head."""
    return load(folder, HEAD.format(base=base.rstrip("/"), kind=kind) + body)
