"""What the OpenAPI document says beyond the fields: the key, the problems, the Idempotency-Key, worked examples."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from backoffice.api.idempotency import HEADER
from backoffice.api.paging import PAGING, Filter
from backoffice.api.problems import CONTENT_TYPE

PROBLEMS = {
    "400": "Something is wrong with the body, a parameter or a header; `errors` says where.",
    "401": "The API key is missing, unknown or revoked.",
    "429": "Too many requests in this minute; `Retry-After` says how many seconds to wait.",
    "500": "Something went wrong on our side; send it again.",
}
PROBLEMS_OF_ONE = {"404": "There is no such object, or it is another sales point's."}
PROBLEMS_OF_RIGHTS = {"403": "A key cannot do this, or the person's role at the client does not allow it."}
PROBLEMS_OF_WRITES = {
    "411": "The body comes in pieces; send a Content-Length.",
    "409": "The reference is used by other content, or the state does not allow it.",
    "413": "The body is larger than this address takes: 1 MiB, and more for files.",
    "415": "The body is of another media type than this address takes.",
    "422": "The Idempotency-Key was used for another request.",
}


class ErrorOutput(serializers.Serializer[Any]):
    """One thing that is wrong."""

    pointer = serializers.CharField(
        help_text="JSON pointer into the body; empty for the whole of it.", allow_blank=True
    )
    code = serializers.CharField(help_text="Stable word for programs.")
    detail = serializers.CharField(help_text="What to do, for people.")
    parameter = serializers.CharField(required=False, help_text="The query parameter or header, where it is one.")


class ProblemOutput(serializers.Serializer[Any]):
    """An error answer (RFC 9457), application/problem+json."""

    type = serializers.CharField(help_text="urn:backoffice:problem:… tells kinds apart.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = ErrorOutput(many=True)  # type: ignore[assignment]  # the field of that name, not the property
    request_id = serializers.CharField(help_text="Quote it when you ask us.")


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself
    """Say in the document how to send the key."""

    target_class = "backoffice.api.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Give the bearer scheme."""
        return {"type": "http", "scheme": "bearer", "description": "The API key of a sales point."}


class PersonScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself
    """Say in the document that a login counts too."""

    target_class = "backoffice.api.authentication.PersonAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Give the session cookie; writes need X-CSRFToken as well."""
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "A person's login at the desk."}


class ApiSchema(AutoSchema):
    """Add to each operation what all of them have."""

    def get_override_parameters(self) -> list[Any]:
        """Every write takes an Idempotency-Key, but webhooks (they have ids) and those whose answer is a secret."""
        parameters = list(super().get_override_parameters())
        takes_none = getattr(self.view, "is_webhook", False) or getattr(self.view, "keeps_no_answer", False)
        if self.method == "POST" and not takes_none:
            text = "1 to 200 visible characters. The same request again under it is answered with the same answer."
            parameters.append(OpenApiParameter(HEADER, str, OpenApiParameter.HEADER, description=text))
        return parameters

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        problem = self.resolve_serializer(ProblemOutput, "response").ref
        texts = PROBLEMS | getattr(self.view, "problems", {})
        if "{" in self.path:
            texts |= PROBLEMS_OF_ONE
        if self.method == "POST":
            texts |= PROBLEMS_OF_WRITES
        if self.method == "POST" and getattr(self.view, "takes_people", False):
            texts |= PROBLEMS_OF_RIGHTS
        for status, text in texts.items():
            bodies.setdefault(status, {"description": text, "content": {CONTENT_TYPE: {"schema": problem}}})
        return dict(sorted(bodies.items()))


def query_parameters(filters: tuple[Filter, ...]) -> list[OpenApiParameter]:
    """Describe a list's filters."""
    types = {"day": "date", "time": "date-time"}
    return [
        OpenApiParameter(
            one.name,
            {"type": "string", **({"format": types[one.kind]} if one.kind in types else {})},
            OpenApiParameter.QUERY,
            description=one.help_text + (f" Several with commas: {', '.join(one.choices)}." if one.choices else ""),
        )
        for one in (*filters, *PAGING)
    ]
