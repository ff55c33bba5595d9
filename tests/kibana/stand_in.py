"""A stand-in for Kibana: an HTTP server that answers as Kibana's documented interfaces do, and no more.

No Kibana can run in the tests. This shows what our client does with each documented answer; it shows nothing of Kibana.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class StandIn:
    """What it holds, and how it is to answer."""

    version: str = "8.19.2"
    user: str = "admin"
    password: str = "right"
    newest: dict[str, str] = field(default_factory=dict)
    """By type: the last version known, where it is older than the file's."""
    refused: set[str] = field(default_factory=set)
    """Ids that a schema refuses: the others are written."""
    allowed: bool = True
    paid: bool = True
    """Whether the licence has document-level security. The answer without it is assumed, not documented."""
    silent: bool = False
    """Answers 200, success true, and a lower count."""
    spaces: dict[str, Any] = field(default_factory=dict)
    roles: dict[str, Any] = field(default_factory=dict)
    objects: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    """By space, type, id."""
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, Any]:
        """Status and body."""
        self.asked.append(f"{method} {path}")
        expected = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        if headers.get("authorization") not in (f"Basic {expected}", "ApiKey a-key"):
            return 401, {"statusCode": 401, "error": "Unauthorized", "message": "unable to authenticate user"}
        if method != "GET" and headers.get("kbn-xsrf") is None:
            return 400, {"statusCode": 400, "message": "Request must contain a kbn-xsrf header."}
        if path == "/api/status":
            return 200, {"name": "kibana", "version": {"number": self.version}}
        if not self.allowed:
            return 403, {"statusCode": 403, "error": "Forbidden", "message": "Forbidden"}
        if path.startswith("/api/spaces/space"):
            return self._space(method, path.removeprefix("/api/spaces/space").strip("/"), body)
        if path.startswith("/api/security/role/") and method == "PUT":
            if not self.paid and any("query" in each for each in json.loads(body)["elasticsearch"]["indices"]):
                return 403, {"message": "current license is non-compliant for [field and document level security]"}
            self.roles[path.rpartition("/")[2]] = json.loads(body)
            return 204, None
        if path.endswith("/api/saved_objects/_import?overwrite=true") and method == "POST":
            return self._import(path.split("/")[2], headers, body)
        return 404, {"statusCode": 404, "message": "Not Found"}

    def _space(self, method: str, name: str, body: bytes) -> tuple[int, Any]:
        if method == "GET":
            return (200, self.spaces[name]) if name in self.spaces else (404, {"statusCode": 404})
        given = json.loads(body)
        if method == "POST" and given["id"] in self.spaces:
            return 409, {"statusCode": 409, "message": "A space with this identifier already exists"}
        self.spaces[given["id"]] = given
        return 200, given

    def _import(self, space: str, headers: Any, body: bytes) -> tuple[int, Any]:
        kind = f"content-type: {headers['content-type']}\r\n\r\n".encode()
        (part,) = message_from_bytes(kind + body).get_payload()  # type: ignore[misc]
        name, data = part.get_filename(), part.get_payload(decode=True)  # type: ignore[union-attr]
        if not name.endswith(".ndjson"):
            return 400, {"statusCode": 400, "message": f"Invalid file extension {name}"}
        lines = [json.loads(line) for line in data.decode().split("\n") if line.strip()]  # type: ignore[union-attr]
        for one in lines:
            known = self.newest.get(one["type"])
            if known is not None and one["typeMigrationVersion"] != known:
                words = f"Document belongs to a more recent version of Kibana [{one['typeMigrationVersion']}] when the last known version is [{known}]"
                return 422, {"statusCode": 422, "message": words}
        there = {(one["type"], one["id"]) for one in lines}
        missing = [
            {"type": one["type"], "id": one["id"], "error": {"type": "missing_references", "references": [r]}}
            for one in lines
            for r in one["references"]
            if r["type"] in ("index-pattern", "search") and (r["type"], r["id"]) not in there
        ]
        if missing:
            return 200, {"success": False, "successCount": 0, "errors": missing}
        errors = []
        for one in lines:
            if one["id"] in self.refused:
                error = {
                    "type": "unknown",
                    "statusCode": 400,
                    "message": "[attributes.tabs]: definition for this key is missing",
                }
                errors.append({"type": one["type"], "id": one["id"], "error": error})
            else:
                self.objects[space, one["type"], one["id"]] = one
        taken = len(lines) - len(errors) - self.silent
        answer: dict[str, Any] = {"success": not errors, "successCount": taken}
        return 200, answer | ({"errors": errors} if errors else {})


@contextmanager
def serving(stand_in: StandIn) -> Iterator[StandIn]:
    """The stand-in on a loopback port that the system chose."""

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            status, answer = stand_in.answer(self.command, self.path, self.headers, body)
            sent = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_PUT = _do

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the tests look at what was asked."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        stand_in.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield stand_in
        finally:
            server.shutdown()
            thread.join()
