"""AdWatch 证巡: patrols public listings for illegal offers of safety certificates and carries each hit to a closed case."""

__version__ = "0.1.0"
