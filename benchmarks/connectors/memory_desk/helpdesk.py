"""The registry's way to `benchmarks.desk`; what it does stands there."""

from benchmarks.desk import connect

__all__ = ["connect"]
