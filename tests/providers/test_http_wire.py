"""Links that vendors give for their pictures, where a link is none."""

from __future__ import annotations

import pytest

from imagegen.providers import http_wire
from imagegen.providers.base import Billed, ErrorKind, ProviderError
from imagegen.providers.http_wire import HttpWire


@pytest.mark.parametrize(
    ("link", "kind"),
    [
        ("\x00", ErrorKind.NO_IMAGE),  # no address at all
        ("https://user:word@example.com/heron.png", ErrorKind.NO_IMAGE),
        ("ftp://example.com/heron.png", ErrorKind.NO_IMAGE),
        ("https://10.0.0.1/heron.png", ErrorKind.NO_IMAGE),
        ("heron.png", ErrorKind.OUTCOME_UNKNOWN),  # at the vendor's own address, where nobody listens
    ],
)
async def test_a_link_that_leads_nowhere(
    link: str, kind: ErrorKind, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    monkeypatch.setattr(http_wire, "FETCH_PAUSE", 0)
    wire = HttpWire("Zanzi", f"http://127.0.0.1:{unused_tcp_port}", {}, connect_timeout=5, read_timeout=5)
    with pytest.raises(ProviderError) as caught:
        await wire.fetch(link)
    await wire.aclose()
    assert (caught.value.kind, caught.value.billed) == (kind, Billed.PERHAPS)
    assert "heron" not in caught.value.message
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("link", "held"),
    [
        ("data:image/png;base64,iVBORw0KGgo=", b"\x89PNG\r\n\x1a\n"),
        ("data:image/png;base64,iVBO*", b""),
        ("data:image/png", b""),
    ],
)
async def test_a_link_that_holds_the_file_itself(link: str, held: bytes, unused_tcp_port: int) -> None:
    wire = HttpWire("Zanzi", f"http://127.0.0.1:{unused_tcp_port}", {}, connect_timeout=5, read_timeout=5)
    assert await wire.fetch(link) == held
    await wire.aclose()
