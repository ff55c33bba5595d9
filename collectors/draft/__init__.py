"""A first platform file for a site that nobody has described yet (``adwatch platforms new``)."""

from collectors.draft.look import Draft, look_at
from collectors.draft.write import as_yaml, rows, samples

__all__ = ["Draft", "as_yaml", "look_at", "rows", "samples"]
