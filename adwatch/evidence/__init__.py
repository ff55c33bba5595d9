"""Evidence: whether what was archived still stands as it was received."""

from adwatch.evidence.verify import Problem, VerifyReport, verify

__all__ = ["Problem", "VerifyReport", "verify"]
