"""What all views of the API share."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.utils import translation
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backoffice.api.authentication import ApiKeyAuthentication, PersonAuthentication
from backoffice.api.counting import Allowance, RequestsPerMinute, count_answer
from backoffice.api.parsers import drain, require_length

Answer = Response | HttpResponseBase


class AlwaysJson(BaseContentNegotiation):
    """Answer in JSON whatever Accept says: a till that sends `Accept: text/html` means no harm."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """Give the parser for the body's media type, or None: 415."""
        media_type = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == media_type), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        """Give the one renderer there is."""
        return renderers[0], renderers[0].media_type


class ApiView(APIView):
    """A view for sales systems: API key, limit per minute, problems in English."""

    authentication_classes = (ApiKeyAuthentication,)
    permission_classes: tuple[type[BasePermission], ...] = (IsAuthenticated,)
    throttle_classes = (RequestsPerMinute,)
    content_negotiation_class = AlwaysJson
    allowance: Allowance | None = None

    def initialize_request(self, request: Any, *args: Any, **keywords: Any) -> Request:
        """Speak English: programs are read by developers, not by the user's browser."""
        translation.activate("en")
        return super().initialize_request(request, *args, **keywords)

    def initial(self, request: Request, *args: Any, **keywords: Any) -> None:
        """Check who calls and how often, and that a body comes in one piece."""
        super().initial(request, *args, **keywords)
        require_length(request._request)

    def finalize_response(self, request: Request, response: Any, *args: Any, **keywords: Any) -> Any:
        """Tell the caller what is left of this minute, count the answer, and read to the end what was refused."""
        if response.status_code >= 400 and not getattr(request._request, "_read_started", True):
            drain(request._request)
        for name, value in (self.allowance.headers if self.allowance else {}).items():
            response[name] = value
        response["Cache-Control"] = "no-store"
        route = getattr(request.resolver_match, "route", "") if request.resolver_match else ""
        count_answer(str(request.method), route.replace(" ", "_") or "-", response.status_code)
        return super().finalize_response(request, response, *args, **keywords)


class PersonOrKeyView(ApiView):
    """A view that a person who is logged in may use too, within their role."""

    takes_people = True
    authentication_classes = (ApiKeyAuthentication, PersonAuthentication)  # type: ignore[assignment]  # one more
