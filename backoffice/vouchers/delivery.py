"""Send vouchers and learn what became of them. One Courier per round and connection.

The order of a round: leases that ran out, documents in doubt, questions about what was taken in, then new sendings. A
document in doubt is never sent before its look-up. What a provider's error means stands in one place, `_sent`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backoffice.chart.directory import ChartDirectory
from backoffice.chart.selectors import limits_of
from backoffice.chart.sync import refresh_limits
from backoffice.common.codec import from_builtins
from backoffice.common.machine import StaleState
from backoffice.connections import outbox, retry
from backoffice.connections.holders import is_dead
from backoffice.connections.models import Connection, Delivery
from backoffice.connections.providers import accounting_system
from backoffice.connections.services import pause
from backoffice.connections.states import DeliveryState
from backoffice.contracts.accounting import (
    AccountingSystem,
    DocumentKind,
    Receipt,
    Request,
    SalesOrderDocument,
)
from backoffice.contracts.errors import (
    Misconfigured,
    Misunderstood,
    OutcomeUnknown,
    Permanent,
    ProviderError,
    Reason,
    Rejected,
    Retryable,
)
from backoffice.vouchers import asking, moves
from backoffice.vouchers.documents import read_document
from backoffice.vouchers.moves import WORKER
from backoffice.vouchers.services import advance
from backoffice.vouchers.states import VoucherState

logger = logging.getLogger(__name__)
#: how often "nothing found" is needed, each after the waiting time, before a document counts as absent
LOOK_UPS_TO_PROVE_ABSENCE = 2
#: a refusal counts as one after so many attempts, however odd it looks
MAX_REFUSALS_IN_DOUBT = 4


class Courier:
    """Carries one connection's deliveries for a round."""

    def __init__(self, connection: Connection, *, holder: str, keep_lane: Callable[[], None]) -> None:
        self.connection = connection
        self.holder = holder
        self.keep_lane = keep_lane
        self.directory = ChartDirectory(connection.client)
        self._system: AccountingSystem | None = None

    @property
    def system(self) -> AccountingSystem:
        """The adapter, built on first use; raises Misconfigured."""
        if self._system is None:
            self._system = accounting_system(self.connection)
        return self._system

    def _due(self, state: DeliveryState, count: int) -> Iterable[Delivery]:
        found = Delivery.objects.filter(client=self.connection.client, connection=self.connection, state=state)
        return list(found.filter(next_attempt_at__lte=timezone.now()).order_by("next_attempt_at", "id")[:count])

    def round(self, *, sendings: int) -> int:
        """Do what is due, at most `sendings` new sendings; give the number of things done. Pauses on Misconfigured."""
        done = self._take_back_leases()
        if self.connection.paused_at is not None:
            return done
        try:
            for delivery in self._due(DeliveryState.IN_DOUBT, sendings):
                done += self._guarded(delivery, self._look_up)
            done += asking.ask_outcomes(self.connection, self.system, self.keep_lane)
            done += asking.ask_numbers(self.connection, self.system, self.keep_lane)
            for delivery in self._due(DeliveryState.WAITING, sendings):
                done += self._guarded(delivery, self._send)
        except Misconfigured as error:
            pause(connection=self.connection, reason=error.describe(), actor=WORKER)
        return done

    def _guarded(self, delivery: Delivery, act: Callable[[Delivery], None]) -> int:
        """Run one act; somebody else being first is no error, it is how it is meant."""
        try:
            self.keep_lane()
            act(delivery)
        except StaleState:
            logger.info("%s was moved by another worker.", delivery)
        return 1

    # --- leases -------------------------------------------------------------------------------------------------

    def _take_back_leases(self) -> int:
        """Take over from workers that died: their lease ran out, or they ran on this machine and are gone."""
        held = Delivery.objects.filter(
            client=self.connection.client, connection=self.connection, state=DeliveryState.IN_FLIGHT
        )
        now = timezone.now()
        dead = [one for one in held if (one.lease_until and one.lease_until < now) or is_dead(one.lease_holder)]
        return sum(self._guarded(delivery, self._take_back) for delivery in dead)

    def _take_back(self, delivery: Delivery) -> None:
        error = Retryable("The worker stopped before anything was sent.")
        with transaction.atomic():
            if delivery.request is None:
                outbox.note_attempt(delivery, operation="send", outcome="stopped", detail=str(error))
                moves.postpone(delivery, error)
            else:
                detail = "The worker stopped while sending."
                outbox.note_attempt(delivery, operation="send", outcome="stopped", detail=detail)
                moves.doubt(delivery)

    # --- sending ------------------------------------------------------------------------------------------------

    def _send(self, delivery: Delivery) -> None:
        voucher = moves.voucher_of(delivery)
        with transaction.atomic():
            if not outbox.claim(delivery, holder=self.holder):
                return
            if voucher.state == VoucherState.APPROVED:
                advance(
                    voucher=voucher,
                    to=VoucherState.SENDING,
                    actor=WORKER,
                    action="voucher.sending",
                )
        try:
            receipt = self.system.send(self._request(delivery))
        except ProviderError as error:
            self._sent(delivery, error)
        except StaleState:
            raise
        except Exception:
            logger.exception("Unforeseen error while sending %s.", delivery)
            self._unforeseen(delivery)
        else:
            outbox.note_attempt(delivery, operation="send", outcome="ok", detail=receipt.external_id)
            self._settle(delivery, receipt, is_new=True)

    def _request(self, delivery: Delivery) -> Request:
        """Give the bytes to send: the stored ones, else new ones that are stored before they are used."""
        if delivery.request is not None:
            outbox.keep(delivery, holder=self.holder)
            return from_builtins(delivery.request, Request)
        self._check_period(delivery)
        document = read_document(delivery.kind, delivery.document)
        request = self.system.prepare(document, self.directory)
        outbox.freeze_request(delivery, request, holder=self.holder)
        return request

    def _check_period(self, delivery: Delivery) -> None:
        if delivery.kind == DocumentKind.INVOICE_SENDING:
            return
        limits = limits_of(self.connection.client)
        max_age = timedelta(seconds=settings.LIMITS_MAX_AGE_S)
        if limits is None or limits.fetched_at < timezone.now() - max_age:
            limits = refresh_limits(connection=self.connection)
        if reason := moves.period_reason(limits, delivery):
            raise Rejected(reason.detail, reasons=[reason])

    def _mended(self, delivery: Delivery, receipt: Receipt) -> Receipt:
        """See that an order comes to what the customer saw, before it is invoiced."""
        document = read_document(delivery.kind, delivery.document)
        if isinstance(document, SalesOrderDocument) and receipt.total != document.total:
            return self.system.mend_total(document, receipt, self.directory)
        return receipt

    def _sent(self, delivery: Delivery, error: ProviderError) -> None:
        """Decide by the error's class what happens to the delivery."""
        outbox.note_attempt(delivery, operation="send", outcome=type(error).__name__, error=error)
        if isinstance(error, OutcomeUnknown) and delivery.request is not None:
            moves.doubt(delivery)
        elif isinstance(error, OutcomeUnknown):
            moves.postpone(delivery, error)  # it was still being prepared; nothing of the document was sent
        elif isinstance(error, Misconfigured):
            moves.postpone(delivery, error)
            raise error
        elif isinstance(error, Retryable):
            if retry.is_exhausted(delivery.attempts):
                text = f"Tried {delivery.attempts} times without getting through: {error.message}"
                moves.refuse(delivery, (Reason("exhausted", text),))
            else:
                moves.postpone(delivery, error, retry_after_s=error.retry_after_s)
        elif isinstance(error, Permanent) and delivery.request is not None:
            self._refused(delivery, error)
        elif isinstance(error, Permanent):
            moves.refuse(delivery, error.reasons)
        else:
            self._unforeseen(delivery)

    def _refused(self, delivery: Delivery, error: Permanent) -> None:
        """A refusal may only mean that an earlier sending arrived: look before calling it one."""
        try:
            receipt = self.system.find(from_builtins(delivery.request, Request))
        except ProviderError as look_up_error:
            outbox.note_attempt(
                delivery,
                operation="find",
                outcome=type(look_up_error).__name__,
                error=look_up_error,
            )
            moves.doubt(delivery)
            return
        if receipt is not None:
            self._settle(delivery, receipt, is_new=False)
        elif self._may_still_show(delivery, error):
            moves.doubt(delivery)
        else:
            moves.refuse(delivery, error.reasons)

    @staticmethod
    def _may_still_show(delivery: Delivery, error: Permanent) -> bool:
        """Whether they may have it and not show it yet: a duplicate, an odd answer, or an earlier doubt."""
        if delivery.attempts >= MAX_REFUSALS_IN_DOUBT:
            return False
        is_duplicate = any(reason.code == "duplicate_reference" for reason in error.reasons)
        return is_duplicate or isinstance(error, Misunderstood) or delivery.doubted_at is not None

    def _unforeseen(self, delivery: Delivery) -> None:
        """A mistake of ours: what may have been sent is in doubt, what was not is failed for the developers."""
        if delivery.request is not None:
            moves.doubt(delivery)
        else:
            text = "Something went wrong in this back office before anything was sent. The log has the details."
            moves.refuse(delivery, (Reason("internal", text),))

    # --- looking up ---------------------------------------------------------------------------------------------

    def _look_up(self, delivery: Delivery) -> None:
        request = from_builtins(delivery.request, Request)
        try:
            receipt = self.system.find(request)
        except Misconfigured:
            raise
        except ProviderError as error:
            outbox.note_attempt(delivery, operation="find", outcome=type(error).__name__, error=error)
            outbox.look_up_later(delivery, found_nothing=False)
            return
        except Exception:
            logger.exception("Unforeseen error while looking up %s.", delivery)
            outbox.look_up_later(delivery, found_nothing=False)
            return
        if receipt is not None:
            outbox.note_attempt(delivery, operation="find", outcome="found", detail=receipt.external_id)
            self._settle(delivery, receipt, is_new=False)
            return
        outbox.note_attempt(delivery, operation="find", outcome="absent")
        outbox.look_up_later(delivery, found_nothing=True)
        if delivery.look_ups >= LOOK_UPS_TO_PROVE_ABSENCE:
            with transaction.atomic():
                outbox.send_again(delivery)
                moves.move(delivery, VoucherState.APPROVED, "voucher.proved_absent")

    def _settle(self, delivery: Delivery, receipt: Receipt, *, is_new: bool) -> None:
        """Take a receipt as the delivery's own: an order comes to the right total first, an old one must be equal."""
        try:
            receipt = self._mended(delivery, receipt)
        except Permanent as error:
            outbox.note_attempt(delivery, operation="mend", outcome=type(error).__name__, error=error)
            moves.refuse(delivery, error.reasons)
            return
        except ProviderError as error:
            outbox.note_attempt(delivery, operation="mend", outcome=type(error).__name__, error=error)
            if delivery.state == DeliveryState.IN_FLIGHT:
                moves.doubt(delivery)
            else:
                outbox.look_up_later(delivery, found_nothing=False)
            if isinstance(error, Misconfigured):
                raise
            return
        differing = [] if is_new else moves.differences(delivery, receipt)
        if differing:
            text = f"Another document stands there under our reference; it differs in {', '.join(differing)}."
            moves.refuse(delivery, (Reason("reference_taken", text, receipt.external_id),))
        else:
            moves.received(delivery, receipt)
