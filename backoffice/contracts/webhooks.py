"""What a sender of outgoing webhooks must do, where it may go, and how a sending may fail."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from backoffice.contracts.errors import Reason

HTTPS_PORT = 443
#: below it live services that are no web servers
FIRST_HIGH_PORT = 1024
#: IPv6 ranges that carry an IPv4 address in their last 32 bits
CARRIERS = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("::ffff:0:0/96"), ipaddress.ip_network("::/96"))

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class HookAnswer:
    """What the receiver said: status, milliseconds until it was read, and the first bytes of its body as text.

    retry_after_s: for so many seconds, an hour at most, it wants to be left alone; None where it does not say.
    """

    status: int
    duration_ms: int
    excerpt: str = ""
    retry_after_s: int | None = None


class HookFailed(Exception):
    """It did not get there, or nobody knows; reason is a code of the catalogue and a full sentence."""

    def __init__(self, reason: Reason, *, duration_ms: int = 0) -> None:
        super().__init__(reason.detail)
        self.reason = reason
        self.duration_ms = duration_ms


class WebhookSender(Protocol):
    """Posts a body once: no retry, no redirect, within seconds."""

    def __call__(self, url: str, *, body: bytes, headers: Mapping[str, str], allows_private: bool) -> HookAnswer:
        """Give the answer, whatever its status; raise HookFailed when there is none."""


def address_problem(url: str, *, allows_private: bool) -> str:
    """Say in a sentence why a URL may not be called, as far as its text tells; empty when it may."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "This is no address. Write it as https://shop.example/webhooks."
    if parts.scheme not in ({"http", "https"} if allows_private else {"https"}):
        return "The address must begin with https://."
    if not parts.hostname or not url.isascii() or any(sign.isspace() for sign in url):
        return "The address needs a host, and no blanks or special letters. Write it as https://shop.example/webhooks."
    if parts.username is not None or parts.password is not None:
        return "The address must hold no user name or password; the signature says who sends."
    if parts.fragment:
        return "The address must hold no #."
    if allows_private:
        return ""
    if port not in (None, HTTPS_PORT) and not port >= FIRST_HIGH_PORT:
        return f"Port {port} is not for web servers; use 443 or one from {FIRST_HIGH_PORT} on."
    try:
        address = ipaddress.ip_address(parts.hostname)
    except ValueError:
        return ""
    return "" if is_public(address) else f"{parts.hostname} is not reachable from the internet."


def is_public(address: Address) -> bool:
    """Whether an address is of the open internet: not private, loopback, link-local, shared, multicast, reserved.

    >>> is_public(ipaddress.ip_address("93.184.216.34")), is_public(ipaddress.ip_address("::ffff:127.0.0.1"))
    (True, False)
    """
    if isinstance(address, ipaddress.IPv6Address):
        if any(address in carrier for carrier in CARRIERS):
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if address.sixtofour is not None:
            return is_public(address.sixtofour)
        if address.teredo is not None or address.is_site_local:
            return False
    is_special = address.is_private or address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not is_special and not address.is_loopback and not address.is_link_local
