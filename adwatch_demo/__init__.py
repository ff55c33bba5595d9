"""The demo: an invented shop on loopback whose truth is known, and the score of a patrol against it."""
