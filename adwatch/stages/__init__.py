"""The stages of a day's work; each reads only what the stage before it stored, and takes its sources as arguments."""
