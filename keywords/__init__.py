"""Keyword lists as data: one file a list, see README.md."""
