"""The stages of a day's work, each reading only what the stage before it stored; sources and judges come as arguments."""
