"""Vouchers: read by sales points and people, moved by people within their role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.api.authentication import KeyHolder
from backoffice.api.base import PersonOrKeyView
from backoffice.api.examples import APPROVE, BULK
from backoffice.api.fields import TextField, WholeField, chosen
from backoffice.api.idempotency import idempotent
from backoffice.api.outgoing import page_of
from backoffice.api.outgoing_vouchers import BulkOutput, VoucherDetailOutput, VoucherOutput
from backoffice.api.paging import UPDATED_AFTER, Filter, page
from backoffice.api.problems import FORBIDDEN, NOT_FOUND, Problem, invalid_body
from backoffice.api.schema import query_parameters
from backoffice.api.showing_vouchers import show_voucher, show_voucher_detail
from backoffice.api.strict import Strict, many, refuse, refuse_in
from backoffice.audit.services import Actor
from backoffice.clients.models import User
from backoffice.clients.selectors import Right, clients_of, has_right
from backoffice.common.machine import IllegalMove, StaleState
from backoffice.vouchers import services
from backoffice.vouchers.models import Voucher, VoucherKind
from backoffice.vouchers.reversing import reverse
from backoffice.vouchers.selectors import vouchers_of
from backoffice.vouchers.states import VoucherState
from backoffice.workflows.drafting_anew import draft_anew
from backoffice.workflows.services import rebuild_voucher

FILTERS = (
    Filter("state", "state", "Where the voucher stands.", "choice", tuple(VoucherState)),
    Filter("kind", "kind", "Which document it becomes.", "choice", tuple(VoucherKind.values)),
    Filter("client", "client__key", "The client's key."),
    Filter("sales_point", "sales_point__key", "The sales point's key."),
    Filter("posting_date_from", "dated_on__gte", "Dated on this day or later.", "day"),
    Filter("posting_date_to", "dated_on__lte", "Dated on this day or earlier.", "day"),
    Filter("matching_reference", "matching_reference", "Exactly this matching reference."),
    Filter("invoice_number", "invoice_number", "Exactly this invoice number."),
    UPDATED_AFTER,
)
MAX_BULK = 500
#: only people move vouchers
SESSION_ONLY: Any = [{"session": []}]


class ApproveInput(Strict):
    """What was looked at: another content is not approved."""

    content_sha256 = TextField(max_length=64, min_length=64, help_text="The voucher's content_sha256 as you read it.")


class WhyInput(Strict):
    """Why it is put aside; the others see it."""

    reason = TextField(max_length=300)


class NoInput(Strict):
    """Nothing; an empty body will do."""


class SelectedInput(Strict):
    """One voucher of a bulk act."""

    id = WholeField(min_value=1, max_value=2**63 - 1)
    content_sha256 = TextField(max_length=64, required=False, default="")


Act = Callable[[int, Actor, dict[str, Any]], object]
#: name -> (right, body, what is done)
ACTS: dict[str, tuple[Right, type[Strict], Act]] = {
    "approve": (
        Right.APPROVE,
        ApproveInput,
        lambda pk, who, body: services.approve(voucher_id=pk, actor=who, seen_sha256=body["content_sha256"]),
    ),
    "hold": (
        Right.EDIT,
        WhyInput,
        lambda pk, who, body: services.hold(voucher_id=pk, actor=who, reason=body["reason"]),
    ),
    "release": (Right.EDIT, NoInput, lambda pk, who, body: services.release(voucher_id=pk, actor=who)),
    "rebuild": (Right.EDIT, NoInput, lambda pk, who, body: rebuild_voucher(voucher_id=pk, actor=who)),
    "resend": (Right.EDIT, NoInput, lambda pk, who, body: services.resend(voucher_id=pk, actor=who)),
    "reverse": (
        Right.APPROVE,
        WhyInput,
        lambda pk, who, body: reverse(voucher_id=pk, actor=who, reason=body["reason"]),
    ),
    "redraft": (Right.EDIT, NoInput, lambda pk, who, body: draft_anew(voucher_id=pk, actor=who)),
    "check": (Right.EDIT, NoInput, lambda pk, who, body: services.check_now(voucher_id=pk, actor=who)),
}


class BulkInput(Strict):
    """One act on many vouchers. Approving names for each what was looked at; holding gives a reason."""

    action = chosen(ACTS)
    vouchers = many(SelectedInput, min_length=1, max_length=MAX_BULK)
    reason = TextField(max_length=300, required=False, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for what the act needs."""
        if attrs["action"] in ("hold", "reverse") and not attrs["reason"]:
            raise refuse("reason", "required", "Say why; the others see it.")
        for index, one in enumerate(attrs["vouchers"]):
            if attrs["action"] == "approve" and not one["content_sha256"]:
                detail = "Name the content_sha256 that you looked at."
                raise refuse_in("vouchers", index, "content_sha256", "required", detail)
        return attrs


def visible_to(request: Request) -> QuerySet[Voucher]:
    """Vouchers the caller may read: a person's clients', or those made of the key's sales point alone."""
    if isinstance(request.user, KeyHolder):
        point = request.user.sales_point
        return vouchers_of([point.client]).filter(sales_point=point)
    return vouchers_of(clients_of(_person(request)))


def voucher_of(request: Request, pk: int) -> Voucher:
    """Give a voucher that the caller may read, or answer that there is none."""
    voucher = visible_to(request).filter(pk=pk).first()
    if voucher is None:
        raise Problem(NOT_FOUND, f"There is no voucher {pk} that you may see.")
    return voucher


def _person(request: Request) -> User:
    if not isinstance(request.user, User):
        raise Problem(FORBIDDEN, "A sales point's key only reads vouchers; a person who is logged in moves them.")
    return request.user


def _check_right(user: User, voucher: Voucher, right: Right) -> None:
    if not has_right(user, voucher.client, right):
        raise Problem(FORBIDDEN, f"Your role at {voucher.client} does not allow this; it needs the right to {right}.")


def _validated(body: type[Strict], data: Any) -> dict[str, Any]:
    try:
        values: dict[str, Any] = body().run_validation(data or {})
    except ValidationError as error:
        raise invalid_body(error.detail) from error
    return values


class VouchersView(PersonOrKeyView):
    """The vouchers that the caller may see."""

    @extend_schema(
        operation_id="list_vouchers",
        summary="List vouchers",
        tags=["Vouchers"],
        parameters=query_parameters(FILTERS),
        responses={200: page_of(VoucherOutput)},
    )
    def get(self, request: Request) -> Response:
        """Give a page of vouchers, newest first; with updated_after oldest change first."""
        return Response(page(request, visible_to(request), FILTERS, show_voucher))


class VoucherView(PersonOrKeyView):
    """One voucher."""

    @extend_schema(
        operation_id="get_voucher", summary="Read a voucher", tags=["Vouchers"], responses=VoucherDetailOutput
    )
    def get(self, request: Request, voucher_id: int) -> Response:
        """Give a voucher with its lines, why they are so, the reasons that stop it, and all that happened to it."""
        return Response(show_voucher_detail(voucher_of(request, voucher_id)))


class ActView(PersonOrKeyView):
    """One act of a person on one voucher."""

    act: ClassVar[str] = ""

    def do(self, request: Request, voucher_id: int) -> Response:
        """Check the right, call the service, give the voucher as it is now."""
        user = _person(request)
        right, body, act = ACTS[self.act]
        voucher = voucher_of(request, voucher_id)
        _check_right(user, voucher, right)
        act(voucher.pk, Actor.person(user), _validated(body, request.data))
        return Response(show_voucher_detail(voucher_of(request, voucher_id)))


def act_view(name: str, summary: str, text: str, examples: Any = None) -> type[ActView]:
    """Make the view of one act."""

    def post(self: ActView, request: Request, voucher_id: int) -> Response:
        return self.do(request, voucher_id)

    post.__doc__ = text
    described = extend_schema(
        operation_id=f"{name}_voucher",
        summary=summary,
        tags=["Vouchers"],
        request=ACTS[name][1],
        examples=examples,
        responses=VoucherDetailOutput,
        auth=SESSION_ONLY,
    )(idempotent(post))
    return type(f"{name.capitalize()}View", (ActView,), {"act": name, "post": described, "__doc__": summary})


ACT_VIEWS = {
    "approve": act_view(
        "approve",
        "Approve a voucher",
        "Freeze the document and send it. 409 `content_changed` when it is no longer what you looked at.",
        APPROVE,
    ),
    "hold": act_view("hold", "Put a voucher aside", "Put a voucher aside that is not approved yet."),
    "release": act_view("release", "Take a held voucher back", "Take a held voucher back into the queue."),
    "rebuild": act_view(
        "rebuild",
        "Draft a voucher again",
        "Draft it again from its source with today's mappings. Only before it is sent.",
    ),
    "resend": act_view(
        "resend",
        "Send a failed voucher again",
        "Send it again under the same reference. 409 where it may have arrived: then it is looked up first (`check`).",
    ),
    "reverse": act_view(
        "reverse",
        "Reverse a posted voucher",
        "Have the accounting system write the opposite voucher. It stays `posted` until that is confirmed.",
    ),
    "redraft": act_view(
        "redraft",
        "Draft again what was reversed or withdrawn",
        "Make another voucher of what it carried, with today's mappings.",
    ),
    "check": act_view(
        "check", "Ask what became of it", "Ask the other side at once what became of a document in doubt or under way."
    ),
}


class BulkView(PersonOrKeyView):
    """One act of a person on many vouchers."""

    @extend_schema(
        operation_id="act_on_vouchers",
        summary="One act on many vouchers",
        tags=["Vouchers"],
        request=BulkInput,
        examples=BULK,
        responses=BulkOutput,
        auth=SESSION_ONLY,
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Do one thing with up to 500 vouchers, each on its own; the answer says with which it was not done and why."""
        user = _person(request)
        values = _validated(BulkInput, request.data)
        done: list[int] = []
        refused: list[dict[str, Any]] = []
        for one in values["vouchers"]:
            complaint = _do_one(request, user, values, one)
            refused.append({"id": one["id"], "detail": complaint}) if complaint else done.append(one["id"])
        return Response({"done": done, "refused": refused})


def _do_one(request: Request, user: User, values: dict[str, Any], one: dict[str, Any]) -> str:
    right, _, act = ACTS[values["action"]]
    try:
        voucher = voucher_of(request, one["id"])
        _check_right(user, voucher, right)
        act(voucher.pk, Actor.person(user), {**one, "reason": values["reason"]})
    except (Problem, services.NotAllowed, services.ContentChanged, IllegalMove, StaleState) as error:
        return str(error)
    return ""
