"""What a cluster does for the indices besides holding them: lifecycle (ILM) and snapshots, as far as it can.

The cluster is asked first: one without the modules, or a user without the rights, changes nothing but what status says.
ILM and SLM could not be tried where this was written (docs/deploy.md); snapshots were.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from elasticsearch import ApiError, Elasticsearch, NotFoundError

from adwatch.errors import SearchError, UsageError

WARM_AFTER = "62d"
"""When a month's index is merged: by then few of its listings change."""

LIFECYCLE: dict[str, Any] = {
    "phases": {
        "hot": {"min_age": "0ms", "actions": {"set_priority": {"priority": 50}}},
        "warm": {
            "min_age": WARM_AFTER,
            "actions": {"forcemerge": {"max_num_segments": 1}, "set_priority": {"priority": 25}},
        },
    }
}
"""Nothing is ever deleted: what the store has, the index has."""

SCHEDULE = "0 30 4 * * ?"
RETENTION = {"expire_after": "30d", "min_count": 5, "max_count": 50}

LASTS = 4 * 3600
"""Seconds that a snapshot may take."""


class Care:
    """Lifecycle and snapshots of one prefix."""

    def __init__(self, client: Elasticsearch, prefix: str, snapshots: str) -> None:
        self._client = client
        self._prefix = prefix
        self.snapshots = snapshots
        self._folder = snapshots if snapshots.startswith("/") else ""
        self.repository = prefix if self._folder else snapshots
        self.policy = f"{prefix}-listings"

    def apply(self) -> bool:
        """Make policy, repository and daily snapshots where the cluster has them; whether it has lifecycles."""
        lifecycles = self._try(lambda: self._client.ilm.put_lifecycle(name=self.policy, policy=LIFECYCLE)) == ""
        if self.repository and self._try(self._register) == "":
            self._try(self._schedule)
        return lifecycles

    def _register(self) -> None:
        if self._folder:
            repository = {"type": "fs", "settings": {"location": self._folder, "compress": True}}
            self._client.snapshot.create_repository(name=self.repository, repository=repository)

    def _schedule(self) -> None:
        self._client.slm.put_lifecycle(
            policy_id=f"{self._prefix}-daily",
            name=f"<{self._prefix}-{{now/d}}>",
            schedule=SCHEDULE,
            repository=self.repository,
            config={"indices": [f"{self._prefix}-*"], "include_global_state": False},
            retention=RETENTION,
        )

    def _try(self, work: Callable[[], object]) -> str:
        """Empty, or in words why the cluster will not."""
        try:
            work()
        except NotFoundError:
            return "not there yet: adwatch index rebuild makes it"
        except ApiError as error:
            if error.meta.status in (400, 405) and "no handler found" in str(error.body):
                return "not on this cluster: it lacks the module"
            if error.meta.status == 403:
                return "no right: see deploy/elasticsearch-roles.yml"
            return f"refused: {error.meta.status} {error.message}"
        return ""

    def told(self) -> dict[str, str]:
        """How both stand, in words, for status and doctor."""
        lifecycle = self._try(lambda: self._client.ilm.get_lifecycle(name=self.policy))
        return {"lifecycle": lifecycle or f"{self.policy}, by the cluster", "snapshots": self._told_snapshots()}

    def _told_snapshots(self) -> str:
        if not self.repository:
            return "none: set ADWATCH_SEARCH_SNAPSHOTS; without them a lost index is rebuilt from the store"
        trouble = self._try(lambda: self._client.snapshot.get_repository(name=self.repository))
        if trouble:
            return f"repository {self.repository} {trouble}"
        taken = self._taken()
        last = f"last {taken[-1]['start_time']} {taken[-1]['state']}" if taken else "none taken yet"
        daily = self._try(lambda: self._client.slm.get_lifecycle(policy_id=f"{self._prefix}-daily"))
        when = "daily, by the cluster" if not daily else f"daily ones {daily}; run adwatch index snapshot by a schedule"
        return f"repository {self.repository}, {len(taken)} there, {last}; {when}"

    def _taken(self) -> list[dict[str, Any]]:
        """Our snapshots in the repository, oldest first."""
        answer = self._client.snapshot.get(
            repository=self.repository, snapshot=f"{self._prefix}-*", ignore_unavailable=True
        )
        return sorted(answer["snapshots"], key=lambda one: int(one["start_time_in_millis"]))

    def snapshot(self, name: str, keep: int | None) -> dict[str, Any]:
        """Take one now, and where ``keep`` is given delete all of ours but so many."""
        if not self.repository:
            raise UsageError("no repository: set ADWATCH_SEARCH_SNAPSHOTS to its name, or to a folder of every node")
        self._register()
        made = self._client.options(request_timeout=LASTS).snapshot.create(
            repository=self.repository,
            snapshot=f"{self._prefix}-{name}",
            indices=f"{self._prefix}-*",
            include_global_state=False,
            wait_for_completion=True,
        )["snapshot"]
        if made["state"] != "SUCCESS":
            raise SearchError(
                f"{self.repository}: the snapshot {made['snapshot']} ended as {made['state']}", "snapshot"
            )
        old = self._taken()[:-keep] if keep else []
        for one in old:
            self._client.snapshot.delete(repository=self.repository, snapshot=one["snapshot"])
        indices = sorted(made["indices"])
        return {
            "repository": self.repository,
            "snapshot": made["snapshot"],
            "indices": indices,
            "deleted": [one["snapshot"] for one in old],
        }
