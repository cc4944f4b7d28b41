"""Every error of the API as application/problem+json (RFC 9457): what happened, where, and what to do about it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings

from backoffice.common.machine import IllegalMove, StaleState
from backoffice.ledger.errors import LedgerError, TotalsDiffer
from backoffice.vouchers.services import ContentChanged, NotAllowed

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
#: more errors than a person reads at once; the first ones tell enough
MAX_ERRORS = 50


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem; docs/api.md lists them all."""

    code: str
    status: int
    title: str

    @property
    def type(self) -> str:
        """Give the URI by which programs tell problems apart."""
        return f"urn:backoffice:problem:{self.code}"


INVALID_JSON = Kind("invalid_json", 400, "The body is not JSON that we accept")
INVALID_BODY = Kind("invalid_body", 400, "Something in the body is missing or wrong")
INVALID_QUERY = Kind("invalid_query", 400, "A query parameter is wrong")
INVALID_HEADER = Kind("invalid_header", 400, "A header is wrong")
TOTALS_DIFFER = Kind("totals_differ", 400, "The parts do not add up to the total")
NOT_AUTHENTICATED = Kind("not_authenticated", 401, "A valid API key is needed")
WEBHOOK_REFUSED = Kind("webhook_refused", 401, "The webhook's signature is missing or wrong")
FORBIDDEN = Kind("forbidden", 403, "Not with these rights")
NOT_FOUND = Kind("not_found", 404, "There is nothing at this address")
METHOD_NOT_ALLOWED = Kind("method_not_allowed", 405, "This address does not take this method")
REFERENCE_USED = Kind("reference_used", 409, "The reference is used by something with other content")
STATE_CONFLICT = Kind("state_conflict", 409, "This cannot be done with the voucher now")
DOCUMENT_INCOMPLETE = Kind("document_incomplete", 409, "Something that must stand on the document is missing")
CONTENT_CHANGED = Kind("content_changed", 409, "The voucher has changed since you looked at it")
EVENTS_GONE = Kind("events_gone", 410, "Events after the one you name are kept no longer")
LENGTH_REQUIRED = Kind("length_required", 411, "The request must say how long its body is")
TOO_LARGE = Kind("too_large", 413, "The body is too large")
UNSUPPORTED_MEDIA_TYPE = Kind("unsupported_media_type", 415, "The body must be application/json")
IDEMPOTENCY_KEY_REUSED = Kind("idempotency_key_reused", 422, "The Idempotency-Key was used for another request")
TOO_MANY_REQUESTS = Kind("too_many_requests", 429, "Too many requests")
INTERNAL = Kind("internal", 500, "Something went wrong on our side")
NOT_READY = Kind("not_ready", 503, "Something needed is not there at the moment")
KINDS = tuple(value for value in list(globals().values()) if isinstance(value, Kind))


@dataclass(frozen=True, slots=True)
class Error:
    """One thing that is wrong. pointer is a JSON pointer into the body, parameter a query parameter or header."""

    code: str
    detail: str
    pointer: str = ""
    parameter: str = ""

    def as_dict(self) -> dict[str, str]:
        """Give the error as it stands in the answer."""
        entry = {"pointer": self.pointer, "code": self.code, "detail": self.detail}
        return entry | ({"parameter": self.parameter} if self.parameter else {})


class Problem(Exception):
    """Stop here and answer with this problem."""

    def __init__(
        self, kind: Kind, detail: str, errors: Sequence[Error] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    def as_dict(self, request_id: str) -> dict[str, Any]:
        """Give the problem as it stands in the answer."""
        shown = list(self.errors[:MAX_ERRORS])
        if len(self.errors) > MAX_ERRORS:
            shown.append(Error("more_errors", f"{len(self.errors) - MAX_ERRORS} more errors are not listed."))
        return {
            "type": self.kind.type,
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "errors": [error.as_dict() for error in shown],
            "request_id": request_id,
        }


def request_id_of(request: Any) -> str:
    """Give the id under which the logs know the request; empty where the middleware did not run."""
    return str(getattr(request, "request_id", ""))


def flatten(detail: Any, pointer: str = "") -> Iterator[Error]:
    """Walk through what serializers found and give each error with its JSON pointer."""
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            own = key in ("", api_settings.NON_FIELD_ERRORS_KEY)
            yield from flatten(value, pointer if own else f"{pointer}/{escape(str(key))}")
    elif isinstance(detail, list | tuple):
        for value in detail:
            yield from flatten(value, pointer)
    else:
        yield Error(getattr(detail, "code", None) or "invalid", str(detail), pointer)


def escape(token: str) -> str:
    """Write one step of a JSON pointer (RFC 6901)."""
    return token.replace("~", "~0").replace("/", "~1")


def invalid_body(detail: Any) -> Problem:
    """Make one problem of all that is wrong with a body."""
    errors = tuple(flatten(detail))
    places = f"{len(errors)} things are wrong" if len(errors) > 1 else "One thing is wrong"
    return Problem(INVALID_BODY, f"{places} with the body; `errors` says where and what to write instead.", errors)


def as_problem(error: Exception) -> Problem:
    """Translate any exception; what nobody foresaw is logged with its traceback and becomes `internal`."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, exceptions.ValidationError):
        return invalid_body(error.detail)
    if isinstance(error, exceptions.APIException):
        return _from_framework(error)
    for domain, kind in _DOMAIN:
        if isinstance(error, domain):
            pointer = "/total" if kind is TOTALS_DIFFER else ""
            return Problem(kind, str(error) or kind.title, [Error(kind.code, str(error) or kind.title, pointer)])
    if isinstance(error, UnreadablePostError):
        return Problem(INVALID_JSON, "The body broke off; send it again.")
    logger.error("The API could not answer.", exc_info=error)
    return Problem(INTERNAL, "It is logged under the request_id. Send it again: with the same reference that is safe.")


_DOMAIN: tuple[tuple[type[Exception], Kind], ...] = (
    (TotalsDiffer, TOTALS_DIFFER),
    (LedgerError, INVALID_BODY),
    (ContentChanged, CONTENT_CHANGED),
    (NotAllowed, STATE_CONFLICT),
    (IllegalMove, STATE_CONFLICT),
    (StaleState, STATE_CONFLICT),
    (Http404, NOT_FOUND),
    (PermissionDenied, FORBIDDEN),
    (RequestDataTooBig, TOO_LARGE),
)
_FRAMEWORK: tuple[tuple[type[exceptions.APIException], Kind], ...] = (
    (exceptions.NotAuthenticated, NOT_AUTHENTICATED),
    (exceptions.AuthenticationFailed, NOT_AUTHENTICATED),
    (exceptions.PermissionDenied, FORBIDDEN),
    (exceptions.NotFound, NOT_FOUND),
    (exceptions.MethodNotAllowed, METHOD_NOT_ALLOWED),
    (exceptions.UnsupportedMediaType, UNSUPPORTED_MEDIA_TYPE),
    (exceptions.Throttled, TOO_MANY_REQUESTS),
    (exceptions.ParseError, INVALID_JSON),
)


def _from_framework(error: exceptions.APIException) -> Problem:
    kind = next((kind for known, kind in _FRAMEWORK if isinstance(error, known)), INTERNAL)
    headers = {}
    wait = getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(int(wait))
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(error.auth_header)  # type: ignore[attr-defined]  # set by the framework
    return Problem(kind, str(error.detail), headers=headers)


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response:
    """Answer any exception of an API view."""
    problem = as_problem(error)
    return Response(
        problem.as_dict(request_id_of(context["request"])),
        status=problem.kind.status,
        headers=problem.headers,
        content_type=CONTENT_TYPE,
    )


def plain_response(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Answer with a problem outside of an API view."""
    return JsonResponse(
        problem.as_dict(request_id_of(request)),
        status=problem.kind.status,
        headers=problem.headers,
        content_type=CONTENT_TYPE,
    )


@csrf_exempt
def unknown_address(request: HttpRequest, path: str = "") -> HttpResponse:
    """Answer for every address under /api/ that nothing stands at."""
    return plain_response(request, Problem(NOT_FOUND, f"Nothing is at {request.path}; /api/docs/ lists what there is."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer what broke outside of every view (handler500): a problem under /api/, a page elsewhere."""
    if request.path.startswith("/api/"):
        return plain_response(request, Problem(INTERNAL, "It is logged under the request_id; send the request again."))
    return defaults.server_error(request)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django itself refused (handler400): a problem under /api/, a page elsewhere."""
    if request.path.startswith("/api/"):
        return plain_response(request, Problem(INVALID_HEADER, "The request's host or form is not accepted here."))
    return defaults.bad_request(request, exception)
