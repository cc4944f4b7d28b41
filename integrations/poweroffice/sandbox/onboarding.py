"""Onboarding: an administrator of the company lets the integration in, in the browser.

Source: OpenAPI `/Onboarding/*`. No bearer token is needed, only the subscription key. The page approves at a
click; the client keys never pass through the browser.
"""

import html
import secrets
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

from .clock import plus_ms
from .errors import ApiError, invalid
from .messages import Request, Response, answer
from .schema import read_object
from .shapes import ONBOARDING_END, ONBOARDING_START
from .store import Row

if TYPE_CHECKING:
    from .sandbox import Sandbox

TITLE = "Onboarding validation error(s)"
VALID_FOR_MS = 15 * 60 * 1000


def initiate(sandbox: "Sandbox", request: Request) -> Response:
    """Give the temporary address to send the browser to."""
    given = read_object(request.json(TITLE), ONBOARDING_START, TITLE)
    if given["ApplicationKey"] not in sandbox.options.application_keys:
        raise invalid(TITLE, "The application key is not known.")
    if not given["RedirectUri"].startswith(("http://", "https://")):
        raise invalid(TITLE, "RedirectUri must be an absolute address.")
    row: Row = {
        "Id": f"onboarding {secrets.token_urlsafe(16)}",
        "redirect": given["RedirectUri"],
        "organisation_number": given.get("ClientOrganizationNo"),
        "valid_until": plus_ms(sandbox.clock.now_us, VALID_FOR_MS),
        "token": None,
        "client_key": None,
    }
    sandbox.common.put(row)
    address = f"{request.root_url}/onboarding?{urlencode({'key': row['Id'].partition(' ')[2]})}"
    return answer({"TemporaryUrl": address, "ValidUntilDateTimeOffset": row["valid_until"]})


def finalize(sandbox: "Sandbox", request: Request) -> Response:
    """Exchange the token that came back through the browser for the company's client key, once."""
    given = read_object(request.json(TITLE), ONBOARDING_END, TITLE)
    for row in sandbox.common.all():
        is_meant = row["Id"].startswith("onboarding ") and row["token"] == given["OnboardingToken"]
        if is_meant and row["valid_until"] > sandbox.clock.now:
            sandbox.common.remove(row["Id"])
            client = sandbox.companies[row["client_key"]].client
            found = {
                "ClientKey": client.client_key,
                "ClientName": client.name,
                "ClientOrganizationNumber": client.organisation_number,
            }
            return answer({"OnboardedClientsInformation": [found], "UserEmail": "admin@example.com"})
    raise ApiError(400, TITLE, "The onboarding token is not valid.")


def approve(sandbox: "Sandbox", request: Request) -> Response | str:
    """Answer the approval page: its HTML, or the redirect back after a choice."""
    form = request.body.decode("utf-8", "replace")
    values = {name: found[0] for name, found in parse_qs(f"{request.query}&{form}").items()}
    row = sandbox.common.get(f"onboarding {values.get('key', '')}")
    if row is None or row["valid_until"] <= sandbox.clock.now:
        return "<p>This address is not valid any more. Start again from the integration.</p>"
    chosen = values.get("client")
    if request.method == "POST" and chosen == "cancel":
        return _back(row, {"status": "Canceled"})
    if request.method == "POST" and chosen in sandbox.companies:
        token = secrets.token_urlsafe(24)
        with sandbox.store.transaction():
            sandbox.common.change(row["Id"], token=token, client_key=chosen)
        return _back(row, {"status": "Success", "token": token})
    wanted = row["organisation_number"]
    buttons = "".join(
        f'<button name="client" value="{html.escape(key)}">{html.escape(books.client.name)}</button> '
        for key, books in sandbox.companies.items()
        if wanted in (None, books.client.organisation_number)
    )
    key = html.escape(values["key"])
    return (
        "<p>The integration asks for access. Choose the company it may work for.</p>"
        f'<form method="post" action="/onboarding"><input type="hidden" name="key" value="{key}">{buttons}'
        '<button name="client" value="cancel" class="quiet">Cancel</button></form>'
    )


def _back(row: Row, values: dict[str, str]) -> Response:
    joint = "&" if "?" in row["redirect"] else "?"
    return Response(302, headers={"Location": f"{row['redirect']}{joint}{urlencode(values)}"}, content_type="")
