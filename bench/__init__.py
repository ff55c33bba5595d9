"""Benches: each figure beside its alternative in one run; ``python -m bench`` runs the short ones."""
