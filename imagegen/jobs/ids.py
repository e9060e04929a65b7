"""Ids that sort by age: 48 bits of milliseconds and 80 random bits in Crockford's base 32, 26 characters."""

from __future__ import annotations

import uuid
from random import Random

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(now_ms: int, random: Random) -> str:
    """A new id of that millisecond. 80 random bits make a clash as unlikely as with a UUID."""
    number = (now_ms << 80) | random.getrandbits(80)
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


def new_uuid(random: Random) -> str:
    """A version-4 UUID from that random source; attempts are named by one, as some providers require."""
    return str(uuid.UUID(int=random.getrandbits(128), version=4))
