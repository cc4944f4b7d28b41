"""The page a person sees."""

from typing import TYPE_CHECKING

from .messages import Request, Response

if TYPE_CHECKING:
    from .sandbox import Sandbox


def respond(sandbox: "Sandbox", request: Request) -> Response:
    """Answer a page."""
    return Response(200, b"sandbox", "text/plain")
