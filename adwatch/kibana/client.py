"""Puts space, roles and saved objects into a Kibana; every refusal has a clear word.

Kibana answers 200 to an import that it did not make, or made by halves: ``success`` and ``successCount`` count.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import certifi
import urllib3

from adwatch.errors import KibanaError, SettingsError
from adwatch.settings import Settings

OLDEST, NEWEST = (8, 19), (9, 99)
"""Saved objects move forward only: the file is of 8.19, and the next major version takes it."""

ALL_OR_NONE = {"missing_references", "conflict"}
"""Kinds of import errors after which nothing at all was written; after others the rest was."""

_STATUSES = {
    401: "wrong password: user, password or key is not accepted; see ADWATCH_KIBANA_USER, ..._PASSWORD, ..._API_KEY",
    403: "no right: the user must be allowed to manage spaces, roles and saved objects",
    413: "too large: raise savedObjects.maxImportPayloadBytes in Kibana",
    422: "wrong version: Kibana is older than what is imported",
    429: "overloaded: try again later",
    502: "not ready: what stands before Kibana cannot reach it",
    503: "not ready: Kibana is starting or has no Elasticsearch; try again later",
}


class Kibana:
    """One Kibana, by its documented interfaces."""

    def __init__(self, settings: Settings, timeout: float = 60.0) -> None:
        if not settings.kibana_url:
            raise SettingsError("ADWATCH_KIBANA_URL: is not set; write https://host:5601")
        self.url = settings.kibana_url
        self._headers = {"kbn-xsrf": "true"}
        if settings.kibana_api_key:
            self._headers["authorization"] = f"ApiKey {settings.kibana_api_key}"
        elif settings.kibana_user:
            given = f"{settings.kibana_user}:{settings.kibana_password}"
            self._headers |= urllib3.make_headers(basic_auth=given)
        ca = settings.kibana_ca
        if ca and not Path(ca).is_file():
            raise SettingsError(f"ADWATCH_KIBANA_CA: {ca} is no file")
        self._pool = urllib3.PoolManager(ca_certs=ca or certifi.where(), timeout=timeout, retries=False)

    def __enter__(self) -> Kibana:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.clear()

    def version(self) -> str:
        """Its version; KibanaError where the objects are not made for it."""
        number = str((self._ask("GET", "/api/status").get("version") or {}).get("number", ""))
        found = re.match(r"(\d+)\.(\d+)\.", number)
        if found is None:
            raise KibanaError(
                f"{self.url}: does not tell its version; is it a Kibana, and may the user see its status?"
            )
        if not OLDEST <= (int(found[1]), int(found[2])) <= NEWEST:
            raise KibanaError(f"{self.url}: wrong version: {number}; the objects are made for 8.19 to 9")
        return number

    def put_space(self, body: Mapping[str, Any]) -> str:
        """Make the space, or bring it up to date: ``made`` or ``updated``."""
        path = f"/api/spaces/space/{quote(body['id'])}"
        if self._ask("GET", path, absent={}):
            self._ask("PUT", path, body)
            return "updated"
        self._ask("POST", "/api/spaces/space", body)
        return "made"

    def put_role(self, name: str, body: Mapping[str, Any]) -> None:
        """Make the role, or bring it up to date."""
        try:
            self._ask("PUT", f"/api/security/role/{quote(name)}", body)
        except KibanaError as error:
            raise KibanaError(f"role {name}: {error}") from error

    def import_objects(self, space: str, data: bytes) -> int:
        """Import a file into the space, over what is there: how many objects; KibanaError unless all."""
        count = sum(1 for line in data.split(b"\n") if line.strip())
        fields = {"file": ("adwatch.ndjson", data, "application/ndjson")}
        path = f"/s/{quote(space)}/api/saved_objects/_import?overwrite=true"
        answer = self._ask("POST", path, fields=fields)
        taken = answer.get("successCount", 0)
        if answer.get("success") is True and taken == count:
            return count
        refused = [_told(each) for each in answer.get("errors", ())]
        kinds = {(each.get("error") or {}).get("type") for each in answer.get("errors", ())}
        written = (
            f"{taken} of {count} objects were written" if kinds - ALL_OR_NONE or not kinds else "nothing was written"
        )
        named = "; ".join(refused[:5]) or "without a reason"
        raise KibanaError(f"{self.url}: partial failure: {written}; refused: {named}")

    def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        fields: Any = None,
        absent: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        headers = dict(self._headers)
        if body is not None:
            headers["content-type"] = "application/json"
        sent = {"fields": fields} if fields is not None else {"body": json.dumps(body) if body is not None else None}
        try:
            answer = self._pool.request(method, self.url + path, headers=headers, redirect=False, **sent)
        except urllib3.exceptions.SSLError as error:
            raise KibanaError(f"{self.url}: certificate not trusted ({error}); see ADWATCH_KIBANA_CA") from error
        except urllib3.exceptions.ReadTimeoutError as error:
            raise KibanaError(f"{self.url}: no answer in time") from error
        except urllib3.exceptions.HTTPError as error:
            raise KibanaError(f"{self.url}: cannot be reached ({error}); see ADWATCH_KIBANA_URL") from error
        if answer.status == 404 and absent is not None:
            return absent
        return self._read(method, path, answer)

    def _read(self, method: str, path: str, answer: urllib3.BaseHTTPResponse) -> dict[str, Any]:
        if 300 <= answer.status < 400:
            raise KibanaError(f"{self.url}: leads elsewhere; give ADWATCH_KIBANA_URL with its base path")
        try:
            found = json.loads(answer.data) if answer.data else {}
        except ValueError:
            found = {}
        found = found if isinstance(found, dict) else {}
        if answer.status >= 400:
            said = str(found.get("message") or "")[:300]
            words = _STATUSES.get(answer.status, f"{method} {path.partition('?')[0]} is answered {answer.status}")
            raise KibanaError(f"{self.url}: {words}{f' ({said})' if said else ''}")
        return found


def _told(refused: Mapping[str, Any]) -> str:
    error = refused.get("error") or {}
    reason = error.get("message") or ", ".join(f"{r.get('type')}:{r.get('id')}" for r in error.get("references", ()))
    words = ": ".join(str(part) for part in (error.get("type"), reason) if part)
    return f"{refused.get('type')}:{refused.get('id')} {words}"
