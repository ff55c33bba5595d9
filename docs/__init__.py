"""Generated pages: ``make docs``."""
