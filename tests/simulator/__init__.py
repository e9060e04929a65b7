"""Whole lives of the real engine on real SQLite under a virtual clock, with seeded faults.

`python -m tests.simulator SEED` replays one life and prints what happened in it.
"""
