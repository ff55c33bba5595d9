"""Kibana saved objects: made of one source, checked, translated to Elasticsearch queries, applied."""

from adwatch.kibana.source import FILE, ROLES, Vocabulary, build, ndjson, roles, space

__all__ = ["FILE", "ROLES", "Vocabulary", "build", "ndjson", "roles", "space"]
