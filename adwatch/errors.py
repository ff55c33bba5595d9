"""Exceptions, named by what to do next; the command turns each into one line and an exit status.

AdWatchError
├── UsageError            the caller must change the call or a setting            exit 2
│   ├── SettingsError
│   ├── Deleted           what is asked for was deleted by the policy of retention
│   ├── Unknown           a number that names nothing, or nothing that the account may see
│   └── SpecError         a data file (platform, keyword list, table) is wrong; names file, line, field
├── LockHeld              wait for the other run                                  exit 4
├── StageError            a stage could not go on; a person must look             exit 3
│   ├── StoreError
│   ├── ArchiveError
│   ├── SearchError
│   └── KibanaError
├── FetchError            one request failed; the patrol goes on, the outcome word says how
│   ├── Unreachable       retry later (connection, time-out, 5xx after all retries)
│   ├── Blocked           the site refuses us (403, 429 for good, captcha, login): never worked around
│   ├── RobotsDenied      robots.txt forbids the address
│   ├── BudgetSpent       the day's requests are used up: the rest is asked tomorrow
│   ├── BadKey            an interface's key is missing, or is refused: a person must look
│   └── Refused           we refuse the answer (private address, too large, too many redirects)
└── InputRefused          one row or file of input is bad; it is named, the rest goes on   exit 1
"""

from __future__ import annotations


class AdWatchError(Exception):
    """Base of all errors that a user is told about without a traceback."""

    exit_status = 3


class UsageError(AdWatchError):
    """The call or a setting must be changed."""

    exit_status = 2


class SettingsError(UsageError):
    """An ADWATCH_* setting is missing or wrong."""


class Unknown(UsageError):
    """A number names nothing, or nothing within an account's limits: both are told in the same words."""


class Deleted(UsageError):
    """What is asked for was deleted by the policy; says when and by which rule."""


class SpecError(UsageError):
    """A data file is wrong: says which file, line and field, and what to write."""

    def __init__(self, file: str, line: int | None, field: str, message: str) -> None:
        self.file, self.line, self.field, self.message = file, line, field, message
        where = f"{file}:{line}" if line else file
        super().__init__(f"{where}: {field}: {message}" if field else f"{where}: {message}")


class LockHeld(AdWatchError):
    """Another run holds the lock."""

    exit_status = 4


class StageError(AdWatchError):
    """A stage could not go on."""


class StoreError(StageError):
    """The SQL store cannot be used (locked, read-only, wrong version)."""


class ArchiveError(StageError):
    """The WARC archive cannot be written or read."""


class SearchError(StageError):
    """The search index cannot be used; ``word`` says why, as the reports of runs show it."""

    def __init__(self, message: str, word: str = "failed") -> None:
        self.word = word
        super().__init__(message)


class KibanaError(StageError):
    """Kibana cannot be reached, or does not take what it is given."""


class FetchError(AdWatchError):
    """One request failed."""

    outcome = "error"


class Unreachable(FetchError):
    """No answer, or 5xx after all retries."""

    outcome = "unreachable"


class Blocked(FetchError):
    """The site refuses us; recorded, never worked around."""

    outcome = "blocked"


class RobotsDenied(FetchError):
    """robots.txt forbids the address."""

    outcome = "robots_denied"


class BudgetSpent(FetchError):
    """The day's budget of requests is used up; nothing is wrong with the platform."""

    outcome = "ok"


class BadKey(FetchError):
    """The key of an open interface is missing or refused, or may not do this."""

    outcome = "error"


class Refused(FetchError):
    """We refuse the address or the answer (private address, size, redirects)."""

    outcome = "error"


class InputRefused(AdWatchError):
    """One row or file of input is bad."""

    exit_status = 1
