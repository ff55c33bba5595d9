"""Kibana saved objects: made of one source, checked, applied."""

from adwatch.kibana.source import CONSOLE, FILE, Vocabulary, build, ndjson, roles, space

__all__ = ["CONSOLE", "FILE", "Vocabulary", "build", "ndjson", "roles", "space"]
