"""Reading a form as it came over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from typing import cast


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form. `file_name` is None where it is a plain field."""

    name: str
    file_name: str | None
    media_type: str
    content: bytes = field(repr=False)


def parts_of(content_type: str, body: bytes) -> tuple[Part, ...]:
    """The parts in their order. Raises `ValueError` when it is no form."""
    if not content_type.startswith("multipart/form-data; boundary="):
        raise ValueError("Unsupported content type.")
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    parts = []
    for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts():
        content = cast("EmailMessage", part).get_payload(decode=True)
        assert isinstance(content, bytes)
        name = str(part.get_param("name", header="content-disposition"))
        parts.append(Part(name, part.get_filename(), part.get_content_type(), content))
    return tuple(parts)
