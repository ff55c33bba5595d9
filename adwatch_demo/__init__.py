"""The demo: an invented shop on loopback whose truth is known, and the score of a patrol against it."""

PLATFORM = "demo_shop"
"""Name of the shop's platform file."""
DAYS = 2
"""Simulated days on which the shop changes; later days are like the last."""
