"""Fuzzers of what reads strangers' bytes. See `__main__.py` for how they are run."""
