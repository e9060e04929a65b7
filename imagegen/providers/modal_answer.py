"""What Modal's gateway means beyond the images API: where a result can be read, and how it stands. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urljoin, urlsplit

from imagegen.providers.answer import error_in, unknown, withheld
from imagegen.providers.base import Billed, ErrorKind, ProviderError, lost
from imagegen.providers.compatible import GENERATIONS
from imagegen.providers.compatible_answer import Place, found_in
from imagegen.providers.openai_answer import POLICY_CODES
from imagegen.providers.remote import Finished, Running

if TYPE_CHECKING:
    from imagegen.providers.transfer import Answer

TITLE = "Modal"
PLACE = Place(TITLE, address="MODAL_ENDPOINT_URL", key="MODAL_KEY and MODAL_SECRET")
SEE_OTHER = 303
DOMAIN = ".modal.run"
"""Where Modal serves what is deployed there."""
_LOOK_AGAIN = frozenset({408, 429, 502, 503, 504})


def result_address(location: str, base_url: str) -> str | None:
    """Where the result of a call can be read, absolute; None where that is no address of the endpoint's own.

    The proxy token goes with each request, so it is asked of the endpoint itself or of Modal's domain only.
    """
    if not location:
        return None
    address = urljoin(base_url.rstrip("/") + GENERATIONS, location)
    try:
        result, endpoint = _origin(urlsplit(address)), _origin(urlsplit(base_url))
    except ValueError:  # a port that is none
        return None
    at_modal = all(
        scheme == "https" and host.endswith(DOMAIN) and port is None for scheme, host, port in (result, endpoint)
    )
    return address if result == endpoint or at_modal else None


def _origin(address: SplitResult) -> tuple[str, str, int | None]:
    return address.scheme, address.hostname or "", address.port


def state_in(answer: Answer) -> Running | Finished:
    """How a call stands whose result address was read. Raises `ProviderError`, as `ResumableProvider` says."""
    if answer.status == SEE_OTHER:  # not yet: it may be read again
        return Running()
    if answer.status in _LOOK_AGAIN:
        message = f"{TITLE} is overloaded. Nothing was billed; it can be tried again later."
        raise ProviderError(ErrorKind.OVERLOADED, message)  # about the look alone
    if answer.status in (404, 410):
        raise lost(TITLE)
    if answer.status in (401, 403):  # the token was changed; with the right one the result can still be read
        raise unknown(f"{TITLE} did not accept the API key.")
    if answer.status == 400 and error_in(answer.body).get("code") in POLICY_CODES:
        raise withheld(TITLE)
    if answer.status != 200:
        message = (
            f"{TITLE} failed while it worked on the picture (HTTP {answer.status}). "
            "It may have been billed; try again if you like."
        )
        raise ProviderError(ErrorKind.INTERNAL, message, billed=Billed.PERHAPS)
    return Finished(found_in(answer, PLACE))
