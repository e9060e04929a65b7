"""The socket, taken before anything heavy is loaded, so that a port in use is told at once."""

from __future__ import annotations

import socket


class CannotListen(Exception):  # noqa: N818 - named for what happened
    """The address cannot be taken; the message says which and why."""


def listen(host: str, port: int) -> socket.socket:
    """A listening TCP socket; port 0 takes any free one. Connections wait until the server accepts them."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CannotListen(
            f"cannot listen on {host} port {port}: {reason}; set IMAGEGEN_PORT to another"
        ) from None


def address_of(listening: socket.socket) -> str:
    """The http:// address that people can open."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
