"""The composition root: joins collectors, classifiers and store. Commands and DAGs call only this."""

from adwatch.app.office import Office, open_office

__all__ = ["Office", "open_office"]
