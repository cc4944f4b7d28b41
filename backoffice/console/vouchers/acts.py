"""Do what a button says: check the right, call one service, say in words what happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from backoffice.audit.services import Actor
from backoffice.clients.scope import person
from backoffice.clients.selectors import clients_of
from backoffice.common.display import page_address
from backoffice.common.machine import IllegalMove, StaleState
from backoffice.common.sentences import told
from backoffice.console.vouchers.buttons import ACTS, Act, rights_of
from backoffice.console.vouchers.queue import next_after
from backoffice.vouchers import services
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.reversing import reverse
from backoffice.workflows import services as workflows
from backoffice.workflows.drafting_anew import draft_anew

#: where the lines that a person saw wait while the page shows what changed
SEEN = "seen_lines"


def my_voucher(request: HttpRequest, pk: int) -> Voucher:
    """Give a voucher of one of the person's clients, else 404."""
    mine = clients_of(person(request))
    return get_object_or_404(Voucher.objects.select_related("client", "sales_point"), pk=pk, client__in=mine)


def act_on_voucher(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Run one act on one voucher and go where the person wants to be next."""
    if request.method != "POST":
        return redirect("admin:vouchers_voucher_change", pk)
    if verb not in ACTS:
        raise Http404(verb)
    voucher, act = my_voucher(request, pk), ACTS[verb]
    if act.right not in rights_of(person(request), voucher):
        raise PermissionDenied
    try:
        return DOERS[verb](request, voucher, act)
    except services.ContentChanged:
        request.session[SEEN] = {str(pk): request.POST.get("seen_lines", "")[:100_000]}
    except (services.NotAllowed, StaleState, IllegalMove) as error:
        messages.error(request, why_not(error))
    return HttpResponseRedirect(page_address(voucher))


def why_not(error: Exception) -> str:
    """Say in words why an act did not happen."""
    if isinstance(error, (StaleState, IllegalMove)):
        return _("Somebody or something was faster: it does not stand where it stood. Look at it again.")
    return told(error)


Doer = Callable[[HttpRequest, Voucher, Act], HttpResponse]


def _approve(request: HttpRequest, voucher: Voucher, act: Act) -> HttpResponse:
    following = next_after(request, voucher)
    seen = request.POST.get("seen_sha256", "")
    services.approve(voucher_id=voucher.pk, actor=Actor.person(person(request)), seen_sha256=seen)
    if following is None:
        messages.success(request, _("Approved: %(what)s. Nothing is left to approve.") % {"what": voucher})
        return HttpResponseRedirect(page_address(voucher))
    messages.success(request, _("Approved: %(what)s. Here is the next one.") % {"what": voucher})
    return HttpResponseRedirect(page_address(following))


def _with(service: Callable[..., Any], said: str, *, has_reason: bool = False) -> Doer:
    def run(request: HttpRequest, voucher: Voucher, act: Act) -> HttpResponse:
        keywords: dict[str, Any] = {"voucher_id": voucher.pk, "actor": Actor.person(person(request))}
        if has_reason:
            keywords["reason"] = request.POST.get("reason", "").strip()
            if not keywords["reason"]:
                raise services.NotAllowed(_("Say why, so that others understand it later."))
        service(**keywords)
        messages.success(request, SAID[said]())
        return HttpResponseRedirect(page_address(voucher))

    return run


SAID: dict[str, Callable[[], str]] = {
    "held": lambda: _("It is put aside. Release it when it may go on."),
    "released": lambda: _("It is back in the queue."),
    "rebuilt": lambda: _("It was made anew from its source with today's mapping."),
    "resent": lambda: _("It is sent again, under the same reference."),
    "checked": lambda: _("The other side is being asked. Reload this page in a moment."),
    "moved": lambda: _("It has the first open day now; the original date stays in its text."),
    "closed": lambda: _("The day is closed. It waits for approval, or says what is missing."),
    "withdrawn": lambda: _("It is withdrawn and will not be sent."),
    "reversing": lambda: _("The reversal is on its way. Until the books confirm it the voucher stays posted."),
    "drafted_anew": lambda: _("It is drafted again as another voucher. You find it in the list in a moment."),
}
DOERS: dict[str, Doer] = {
    "approve": _approve,
    "hold": _with(services.hold, "held", has_reason=True),
    "release": _with(services.release, "released"),
    "rebuild": _with(workflows.rebuild_voucher, "rebuilt"),
    "resend": _with(services.resend, "resent"),
    "check": _with(services.check_now, "checked"),
    "move_day": _with(workflows.move_to_first_open_day, "moved"),
    "close_day": _with(workflows.close_day, "closed"),
    "withdraw": _with(services.withdraw, "withdrawn", has_reason=True),
    "reverse": _with(reverse, "reversing", has_reason=True),
    "draft_anew": _with(draft_anew, "drafted_anew"),
}
