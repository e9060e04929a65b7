"""Finding pictures by the words of their prompts.

What a person types is words, never the index's own syntax: `AND`, quotes and backslashes stand for themselves.
Every word must occur; each also matches longer words that begin with it, so that 고양이 finds 고양이가.
"""

from __future__ import annotations

from sqlalchemy import Integer, column, table

IMAGE_FTS = table("image_fts", column("rowid", Integer), column("image_fts"))
"""The full-text index; its `rowid` is `image.seq`."""


def match_expression(words: str) -> str | None:
    """What SQLite's FTS5 is asked; None when there is no letter or digit to look for."""
    terms = [word for word in words.replace("\x00", " ").split() if any(character.isalnum() for character in word)]
    return " ".join(f'"{term.replace(chr(34), chr(34) * 2)}"*' for term in terms) or None
