"""Whether another model takes over when one has failed, and which. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from imagegen.providers.base import Billed, ErrorKind
from imagegen.routing.candidates import Candidate

LEVELS = 3
"""Primary, secondary, last resort."""
WAIT_MOST = 3.0
"""Seconds from the first failure within which the same provider is tried again while another one could begin."""
GOES_ELSEWHERE = frozenset({ErrorKind.QUOTA, ErrorKind.AUTH, ErrorKind.NOT_FOUND})
"""Final for this provider, and no matter of the request."""
PASSES = frozenset({ErrorKind.RATE_LIMITED, ErrorKind.OVERLOADED, ErrorKind.CONNECTION_FAILED})


def successor(
    failed: str, others: Sequence[Candidate], tried: Collection[str], down: Collection[str]
) -> Candidate | None:
    """The best of `others` of another provider than the failed one, which was not tried and is not down.

    `tried` are the ids of the providers that this picture was given to, the failed one among them.
    """
    if len(set(tried) | {failed}) >= LEVELS:
        return None
    open_to = (one for one in others if one.provider.id not in {failed, *tried, *down})
    return next(open_to, None)


def goes_elsewhere(kind: ErrorKind, billed: Billed, retry_in: float | None, *, down: bool) -> bool:
    """Whether a failure is one that another provider may mend: it surely cost nothing, and waiting is no better.

    `retry_in` is how long after its first failure the same provider would be tried again, None when it would not;
    `down` says that its circuit has opened.
    """
    if billed is not Billed.NO:
        return False
    if kind in GOES_ELSEWHERE:
        return True
    return kind in PASSES and (down or retry_in is None or retry_in > WAIT_MOST)
