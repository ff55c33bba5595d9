"""Publishes items into a running Verdaccio, and takes others away: ``python fill_verdaccio.py BASE_URL ITEMS.jsonl``.

A package stands for an item: its name is the id, its description the title, its readme the text, its author the seller.
Verdaccio shows all of that by a script in the browser only.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import re
import sys
import tarfile
import urllib.request
from pathlib import Path
from typing import Any
from urllib.error import HTTPError


def name_of(item: dict[str, Any]) -> str:
    """A package's name."""
    return "item-" + re.sub(r"[^a-z0-9]+", "-", str(item["id"]).lower()).strip("-")


def plain(text: str) -> str:
    """As a readme in Markdown that shows the text as it is."""
    escaped = re.sub(r"([\\`*_{}\[\]()#+\-.!|<>~&:])", r"\\\1", text)
    return "\n\n".join(line for line in escaped.splitlines() if line.strip())


def packed(manifest: dict[str, Any], readme: str) -> bytes:
    """The package's file, the same for the same item."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as zipped, tarfile.open(fileobj=zipped, mode="w") as tar:
        for path, content in (("package.json", json.dumps(manifest)), ("README.md", readme)):
            data = content.encode()
            entry = tarfile.TarInfo(f"package/{path}")
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def ask(method: str, url: str, body: dict[str, Any] | None = None) -> Any:
    """One request; None for 404."""
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=120) as answer:
            return json.load(answer)
    except HTTPError as error:
        if error.code == 404:
            return None
        raise SystemExit(f"{method} {url}: {error.code} {error.read().decode(errors='replace')[:300]}") from error


def publish(base: str, item: dict[str, Any]) -> None:
    """Put one item up."""
    name, version, readme = name_of(item), "1.0.0", plain(str(item["text"]))
    manifest = {"name": name, "version": version, "description": item["title"], "author": {"name": item["seller"]}}
    file = packed(manifest, readme)
    address = f"{base}/{name}/-/{name}-{version}.tgz"
    digest = base64.b64encode(hashlib.sha512(file).digest()).decode()
    dist = {"integrity": f"sha512-{digest}", "shasum": hashlib.sha1(file).hexdigest(), "tarball": address}  # noqa: S324
    whole = {**manifest, "readme": readme, "readmeFilename": "README.md", "_id": f"{name}@{version}", "dist": dist}
    attached = {
        "content_type": "application/octet-stream",
        "data": base64.b64encode(file).decode(),
        "length": len(file),
    }
    body = {"_id": name, "name": name, "description": item["title"], "dist-tags": {"latest": version}}
    body |= {"versions": {version: whole}, "readme": readme, "_attachments": {f"{name}-{version}.tgz": attached}}
    ask("PUT", f"{base}/{name}", body)


def main() -> None:
    """Make the site hold exactly the items."""
    base, path = sys.argv[1].rstrip("/"), Path(sys.argv[2])
    items = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    shown = {package["name"] for package in ask("GET", f"{base}/-/verdaccio/data/packages") or []}
    for item in items:
        if name_of(item) not in shown:
            publish(base, item)
    for name in shown - {name_of(item) for item in items}:
        found = ask("GET", f"{base}/{name}")
        ask("DELETE", f"{base}/{name}/-rev/{found.get('_rev', 'x')}")


if __name__ == "__main__":
    main()
