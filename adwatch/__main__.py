"""``python -m adwatch``: the command."""

from adwatch.cli import main

main()
