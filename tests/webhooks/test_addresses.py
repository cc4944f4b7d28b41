"""Webhooks reach the open internet and nothing inside."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from backoffice.contracts.webhooks import HookFailed, address_problem
from integrations.outgoing_webhook import sending as wire
from integrations.outgoing_webhook.sending import post


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/",
        "ftp://shop.example/",
        "https://user:secret@shop.example/",
        "https://127.0.0.1/",
        "https://10.0.0.8/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://shop.example:22/",
        "https://shop.example:99999/",
        "https://shop.example/#top",
        "https:///path",
        "https://shop.example/a b",
        "",
    ],
)
def test_an_address_that_may_not_be_called_is_refused_in_words(url: str) -> None:
    assert address_problem(url, allows_private=False).endswith((".", "webhooks."))
    with pytest.raises(HookFailed) as failure:
        post(url, body=b"{}", headers={}, allows_private=False)
    assert failure.value.reason.code == "webhook_address_refused"


@pytest.mark.parametrize(
    "url", ["https://shop.example/hooks?a=1", "https://93.184.216.34/", "https://shop.example:8443/"]
)
def test_an_address_of_the_internet_is_fine(url: str) -> None:
    assert address_problem(url, allows_private=False) == ""


@pytest.mark.parametrize(
    "found", [["127.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["::1"], ["169.254.169.254"], ["fe80::1%eth0"]]
)
def test_a_name_that_leads_inside_is_refused_before_anything_is_connected(
    monkeypatch: pytest.MonkeyPatch, found: list[str]
) -> None:
    def resolved(*args: Any, **keywords: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in found]

    def connected(*args: Any) -> Any:
        raise AssertionError("A connection was made.")

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    monkeypatch.setattr(wire, "_connected", connected)
    with pytest.raises(HookFailed) as failure:
        post("https://evil.example/", body=b"{}", headers={}, allows_private=False)
    assert failure.value.reason.code == "webhook_address_refused"


def test_the_checked_address_is_the_one_that_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    called: list[str] = []

    def resolved(host: str, port: int, **keywords: Any) -> Any:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", port))]

    def connected(address: tuple[str, int], **keywords: Any) -> Any:
        called.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    monkeypatch.setattr(socket, "create_connection", connected)
    with pytest.raises(HookFailed) as failure:
        post("https://rebinding.example/", body=b"{}", headers={}, allows_private=False)
    assert failure.value.reason.code == "webhook_no_connection"
    assert (asked, called) == (["rebinding.example"], ["93.184.216.34"])
