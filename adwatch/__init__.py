"""AdWatch 证巡: patrols public listings for illegal offers of safety certificates."""

__version__ = "0.1.0"
