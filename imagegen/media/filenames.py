"""Names of saved pictures: what was asked for and the seed, safe on every disk and in an HTTP header."""

from __future__ import annotations

import unicodedata
from itertools import dropwhile
from urllib.parse import quote

SLUG_BYTES = 120
"""Of a file system's usual 255; leaves room for the seed, the format and what a browser adds to a second copy."""
_NAMELESS = "picture"


def file_name(prompt: str, seed: int, format: str) -> str:  # noqa: A002 - the field's own word
    """`a-red-fox-42.png`: the prompt's letters and digits in their own script, then the seed."""
    return f"{slug(prompt)}-{seed}.{format}"


def attachment(prompt: str, seed: int, format: str) -> str:  # noqa: A002
    """The value of Content-Disposition: an ASCII name, and where it differs the full one in RFC 5987's form."""
    plain, full = f"{ascii_slug(prompt)}-{seed}.{format}", file_name(prompt, seed, format)
    extended = "" if full == plain else f"; filename*=UTF-8''{quote(full, safe='')}"
    return f'attachment; filename="{plain}"{extended}'


def slug(text: str) -> str:
    """Words of letters, their marks and digits in lower case, joined by hyphens; never empty."""
    kept = (c if c.isalnum() or unicodedata.category(c).startswith("M") else " " for c in _composed(text))
    # A mark that no letter carries is no beginning of a word.
    words = ("".join(dropwhile(lambda c: not c.isalnum(), word)) for word in "".join(kept).split())
    return _shortened("-".join(word for word in words if word)) or _NAMELESS


def ascii_slug(text: str) -> str:
    """The same in ASCII: marks are dropped, what has no Latin letter is left out."""
    letters = (c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    kept = (c if c.isascii() and c.isalnum() else " " for c in letters)
    return _shortened("-".join("".join(kept).split())) or _NAMELESS


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text.lower())


def _shortened(words: str) -> str:
    """At most `SLUG_BYTES` of UTF-8, cut between words where there are several."""
    if len(words.encode()) <= SLUG_BYTES:
        return words
    cut = words.encode()[:SLUG_BYTES].decode(errors="ignore")
    return cut.rpartition("-")[0] or cut
