"""Where the server listens, and by which names it may be called."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from fttui.core.errors import InputError

LOOPBACK: Final = "127.0.0.1"
_OWN_NAMES: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
_HOST_HEADER: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:]+)(?::[0-9]*)?")


@dataclass(frozen=True, slots=True)
class Listening:
    """An address to listen on."""

    family: socket.AddressFamily
    address: str
    """Numbers, fit to be bound to."""
    names: frozenset[str]
    """In small letters, as a Host header has them: by these the server may be called, with any port."""

    @property
    def is_open(self) -> bool:
        """Whether other machines can reach it."""
        return not ipaddress.ip_address(self.address).is_loopback

    @property
    def warning(self) -> str | None:
        """What to tell who opens the server to others."""
        if not self.is_open:
            return None
        return (
            f"The local server listens on {self.address}: other machines can reach it. Its token is all that keeps "
            "them out, and it crosses the network unencrypted: do this only where you trust everybody."
        )

    @property
    def url_host(self) -> str:
        """What a program on this machine puts into a URL."""
        address = ipaddress.ip_address(self.address)
        if address.is_unspecified:
            return "[::1]" if address.version == 6 else LOOPBACK
        return f"[{address}]" if address.version == 6 else str(address)

    def admits(self, host_header: str) -> bool:
        """Whether a request that calls the server so may pass.

        This is what keeps DNS rebinding out: a page in a browser whose name was made to resolve to this machine still
        sends its own name. An address is no name that anybody could turn: an open server answers to each it may have.
        """
        match = _HOST_HEADER.fullmatch(host_header)
        if match is None:
            return False
        name = match[1].lower()
        return name in self.names or (self.is_open and _is_address(name))


def listening(host: str, names: Iterable[str] = ()) -> Listening:
    """Look up where to listen.

    Args:
        host: An address or a name of this machine; empty: 127.0.0.1.
        names: Further names that other machines call this one by.

    Raises:
        InputError: There is no such address.
    """
    wanted = host.strip().removeprefix("[").removesuffix("]") or LOOPBACK
    try:
        found = socket.getaddrinfo(wanted, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(
            f"The local server cannot listen on {host!r}: {reason}.",
            hint="`host` must be an address of this machine, 0.0.0.0 for all of them, or empty for this machine alone.",
        ) from error
    family, *_, (address, *_) = found[0]
    called = {wanted, *names} if not _is_address(wanted) else {_in_url(wanted), *names}
    return Listening(family, str(address), _OWN_NAMES | {name.strip().lower() for name in called if name.strip()})


def _in_url(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True
