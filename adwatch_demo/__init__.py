"""The demo: an invented world of five sites and one that misbehaves over some weeks, its known truth, the score."""

SITES = {
    "shop": "demo_shop",
    "market": "demo_market",
    "forum": "demo_forum",
    "school": "demo_school",
    "moody": "demo_moody",
    "tips": "demo_tips",
}
"""Platform file of each site; those that are served by HTTP first, in the order of their ports."""
SERVED = ("shop", "market", "forum", "school", "moody")
"""Sites served by HTTP: a port each, one after the other."""
HANDED = "tips"
"""The site whose data are handed over as files."""
DAYS = 21
"""Simulated days on which the world changes; on later ones it stands still."""
