"""Schedules and wiring: when the work is done. No logic; every task calls adwatch.app. Not installed."""
