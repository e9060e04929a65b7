"""What can be drawn: one family of scenes to a file, each a `Family` of `brief.py`."""
