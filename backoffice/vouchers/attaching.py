"""Send files to posted vouchers, and learn what became of them. Runs after the courier: vouchers come first.

A file whose answer was lost is looked up before anything else: equal bytes mean that it stands there; nothing found,
twice, means that it does not, and it goes again; anything else is for a person, since sending replaces it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from backoffice.common import blobs
from backoffice.common.machine import StaleState
from backoffice.connections import outbox, retry
from backoffice.connections.holders import is_dead, new_holder
from backoffice.connections.models import Connection
from backoffice.connections.providers import accounting_system
from backoffice.connections.selectors import providers_of
from backoffice.connections.services import pause
from backoffice.connections.states import DeliveryState
from backoffice.contracts.accounting import AccountingSystem, AttachedFile, AttachmentRules
from backoffice.contracts.errors import (
    Misconfigured,
    OutcomeUnknown,
    Permanent,
    ProviderError,
    Reason,
    Retryable,
)
from backoffice.vouchers.attachments import SUFFIXES, WORKER, content_of, move, settle, too_large
from backoffice.vouchers.comparing import earlier_files, is_earlier, is_ours
from backoffice.vouchers.models import VoucherAttachment
from backoffice.vouchers.papers import papers_due
from backoffice.vouchers.pdfs import UnreadablePdf, merged
from backoffice.vouchers.states import GONE, ON_ITS_WAY, AttachmentState, VoucherState

logger = logging.getLogger(__name__)
A = AttachmentState
SENT_A_ROUND = 10
#: how often "nothing found" is needed, each after the waiting time, before a file counts as absent
LOOK_UPS_TO_PROVE_ABSENCE = 2
#: how often a file that was taken in is asked about before a person is told that it does not show
MAX_QUESTIONS = 12


class Stopped(Exception):
    """The accounting system lets us do nothing more for now."""


def files_due(**of: object) -> QuerySet[VoucherAttachment]:
    """Files with something to do now: to send, to ask about, to take over from a dead worker, to draw back."""
    now = timezone.now()
    open_files = VoucherAttachment.objects.exclude(state__in=[A.ATTACHED, A.WITHDRAWN]).filter(**of)
    gone = Q(voucher__state__in=GONE)
    others = VoucherAttachment.objects.filter(voucher=OuterRef("voucher"), state__in=ON_ITS_WAY)
    return open_files.filter(
        Q(state=A.IN_FLIGHT)
        | Q(state__in=[A.ACCEPTED, A.IN_DOUBT], next_attempt_at__lte=now)
        | (Q(state=A.WAITING, next_attempt_at__lte=now, voucher__state=VoucherState.POSTED) & ~Exists(others))
        | (Q(state__in=[A.WAITING, A.FAILED]) & gone)
    )


def clients_with_due_papers() -> set[int]:
    """Ids of clients with a file to carry or a PDF to fetch, whose accounting system may be called."""
    found = set(files_due().values_list("client_id", flat=True)) | set(papers_due().values_list("client_id", flat=True))
    open_now = Connection.objects.filter(client__in=found, is_active=True, paused_at=None)
    reachable = open_now.filter(provider__in=providers_of(AccountingSystem))
    return set(reachable.values_list("client_id", flat=True)) if found else found


def attach_due(connection: Connection, keep_lane: Callable[[], None] = lambda: None) -> int:
    """Do what is due for a connection's client, a bounded number; give how many were moved."""
    files = files_due(client=connection.client).select_related("voucher__client", "client")
    rows = list(files.order_by("next_attempt_at", "id")[:SENT_A_ROUND])
    if not rows:
        return 0
    try:
        porter = Porter(connection, accounting_system(connection), new_holder())
        return sum(_guarded(porter, row, keep_lane) for row in rows)
    except Misconfigured as error:
        pause(connection=connection, reason=error.describe(), actor=WORKER)
    except Stopped as error:
        logger.warning("Documentation of %s waits: %s", connection.client, error)
    return 0


def _guarded(porter: Porter, row: VoucherAttachment, keep_lane: Callable[[], None]) -> int:
    try:
        keep_lane()
        return porter.carry(row)
    except StaleState:
        logger.info("%s was moved by another worker.", row)
        return 0


class Porter:
    """Carries one connection's files for a round."""

    def __init__(self, connection: Connection, system: AccountingSystem, holder: str) -> None:
        self.connection = connection
        self.system = system
        self.holder = holder

    def carry(self, row: VoucherAttachment) -> int:
        """Do the one thing that is due for a file; give 1 when it was moved."""
        if row.state in (A.WAITING, A.FAILED) and row.voucher.state != VoucherState.POSTED:
            settle(row, A.WITHDRAWN, "voucher.attachment_withdrawn")
            return 1
        if row.state == A.IN_FLIGHT:
            return self._take_back(row)
        if self.connection.paused_at is not None:
            return 0
        if row.state == A.WAITING:
            return self._send(row)
        return self._look(row)

    def _take_back(self, row: VoucherAttachment) -> int:
        """Take over from a worker that died: what had not been made up yet was not sent."""
        is_over = row.lease_until is not None and row.lease_until < timezone.now()
        if not is_over and not is_dead(row.lease_holder):
            return 0
        if row.sent_sha256:
            self._doubt(row)
        else:
            move(row, A.WAITING, next_attempt_at=timezone.now())
        return 1

    # --- sending ------------------------------------------------------------------------------------------------

    def _claim(self, row: VoucherAttachment) -> bool:
        until = timezone.now() + timedelta(seconds=settings.LEASE_S)
        try:
            with transaction.atomic():
                move(
                    row, A.IN_FLIGHT, attempts=row.attempts + 1, lease_until=until, lease_holder=self.holder,
                    sent_sha256="",
                )  # fmt: skip
        except (IntegrityError, StaleState):  # another file of the voucher is on its way, or another worker was first
            return False
        return True

    def _send(self, row: VoucherAttachment) -> int:
        if not self._claim(row):
            return 0
        try:
            file = self._made_up(row)
            if isinstance(file, Reason):
                settle(row, A.FAILED, "voucher.attachment_failed", file)
                return 1
            self._freeze(row, file)
            is_there = self.system.attach(voucher_id=row.voucher.external_id, file=file)
        except ProviderError as error:
            self._sent(row, error)
        except StaleState:
            raise
        except Exception:
            logger.exception("Unforeseen error while attaching %s.", row)
            self._unforeseen(row)
        else:
            self._taken(row, is_there=is_there)
        return 1

    def _made_up(self, row: VoucherAttachment) -> AttachedFile | Reason:
        """Make the file that goes out: alone, or with those that stand there, in the order they were given."""
        rules = self.system.attachment_rules
        own = row.voucher.deliveries.filter(
            connection=self.connection, state=DeliveryState.DELIVERED, external_id=row.voucher.external_id
        )
        if rules is None or not own.exists():
            text = "The voucher was posted through another connection; attach the file over there by hand."
            return Reason("attachment_not_taken", text)
        earlier = [] if rules.keeps_several else list(earlier_files(row))
        try:
            content = merged([content_of(one) for one in sorted([*earlier, row], key=lambda one: one.pk)])
        except blobs.BlobMissing as error:
            return Reason("file_missing", str(error))
        except UnreadablePdf as error:
            return Reason("attachment_unreadable", str(error))
        return _checked(AttachedFile(row.name, row.media_type, content), rules)

    def _freeze(self, row: VoucherAttachment, file: AttachedFile) -> None:
        """Store what goes out, and its hash, before it goes; raise StaleState when the lease was lost meanwhile."""
        sent = blobs.keep(file.content, SUFFIXES[file.media_type])
        until = timezone.now() + timedelta(seconds=settings.LEASE_S)
        held = VoucherAttachment.objects.filter(pk=row.pk, state=A.IN_FLIGHT, lease_holder=self.holder)
        if held.update(sent_sha256=sent, lease_until=until) != 1:
            raise StaleState(f"{row} was taken over by another worker.")
        row.sent_sha256 = sent

    def _taken(self, row: VoucherAttachment, *, is_there: bool) -> None:
        if is_there:
            settle(row, A.ATTACHED, "voucher.attachment_attached", attached_at=timezone.now())
        else:
            due = timezone.now() + timedelta(seconds=outbox.FIRST_QUESTION_S)
            settle(row, A.ACCEPTED, "voucher.attachment_taken_in", next_attempt_at=due, look_ups=0)

    def _sent(self, row: VoucherAttachment, error: ProviderError) -> None:
        """Decide by the error's class what happens to the file."""
        if isinstance(error, OutcomeUnknown):
            self._doubt(row)
        elif isinstance(error, Misconfigured):
            self._postpone(row, error)
            self._stop(error)
        elif isinstance(error, Retryable) and not retry.is_exhausted(row.attempts):
            self._postpone(row, error, error.retry_after_s)
        elif isinstance(error, Retryable):
            text = f"Tried {row.attempts} times without getting through: {error.message}"
            settle(row, A.FAILED, "voucher.attachment_failed", Reason("exhausted", text))
        elif isinstance(error, Permanent):
            settle(row, A.FAILED, "voucher.attachment_failed", *error.reasons)
        else:
            self._unforeseen(row)

    @staticmethod
    def _stop(error: Misconfigured) -> None:
        """A right that is missing for documentation alone must not stop vouchers; wrong keys stop everything."""
        if all(reason.code == "no_privilege" for reason in error.reasons):
            raise Stopped(error.describe()) from error
        raise error

    def _unforeseen(self, row: VoucherAttachment) -> None:
        if row.sent_sha256:
            self._doubt(row)
        else:
            text = "Something went wrong in this back office before anything was sent. The log has the details."
            settle(row, A.FAILED, "voucher.attachment_failed", Reason("internal", text))

    @staticmethod
    def _postpone(row: VoucherAttachment, error: ProviderError, retry_after_s: int | None = None) -> None:
        due = retry.next_attempt_at(
            attempt=row.attempts, now=timezone.now(), jitter=retry.jitter(), retry_after_s=retry_after_s
        )
        reasons = error.reasons if isinstance(error, Misconfigured) else (Reason("waiting", error.describe()),)
        move(row, A.WAITING, next_attempt_at=due, reasons=[asdict(reason) for reason in reasons])

    @staticmethod
    def _doubt(row: VoucherAttachment) -> None:
        due = retry.next_look_up_at(look_ups=0, now=timezone.now(), wait_s=settings.DOUBT_WAIT_S)
        settle(row, A.IN_DOUBT, "voucher.attachment_in_doubt", next_attempt_at=due, look_ups=0)

    # --- looking ------------------------------------------------------------------------------------------------

    def _look(self, row: VoucherAttachment) -> int:
        """See what stands with the voucher, and take it for ours, for absent, or for another."""
        try:
            found = self.system.documentation(voucher_id=row.voucher.external_id)
        except Misconfigured as error:
            self._look_later(row)
            self._stop(error)
        except ProviderError as error:
            logger.warning("Looking for %s failed: %s", row, error.describe())
            return self._look_later(row)
        else:
            self._judge(row, found)
        return 1

    def _judge(self, row: VoucherAttachment, found: AttachedFile | None) -> None:
        if found is not None and is_ours(row, found.content):
            settle(row, A.ATTACHED, "voucher.attachment_attached", attached_at=timezone.now())
        elif found is not None and row.state == A.IN_DOUBT and not is_earlier(row, found.content):
            text = "What stands with the voucher over there is not the file that we sent."
            settle(row, A.FAILED, "voucher.attachment_failed", Reason("documentation_differs", text))
        elif row.state == A.IN_DOUBT and row.look_ups + 1 >= LOOK_UPS_TO_PROVE_ABSENCE:
            settle(row, A.WAITING, "voucher.attachment_absent", next_attempt_at=timezone.now(), look_ups=0)
        elif row.state == A.ACCEPTED and row.look_ups + 1 >= MAX_QUESTIONS:
            text = f"It was taken in, and after {MAX_QUESTIONS} questions it still does not show."
            settle(row, A.FAILED, "voucher.attachment_failed", Reason("documentation_not_shown", text))
        else:
            self._look_later(row, counts=True)

    @staticmethod
    def _look_later(row: VoucherAttachment, *, counts: bool = False) -> int:
        """Look again, ever less often. A look that failed proves nothing and does not count."""
        look_ups = row.look_ups + (1 if counts else 0)
        wait_s = settings.DOUBT_WAIT_S if row.state == A.IN_DOUBT else outbox.FIRST_QUESTION_S
        now = timezone.now()
        due = retry.next_look_up_at(look_ups=look_ups if counts else look_ups + 3, now=now, wait_s=wait_s)
        VoucherAttachment.objects.filter(pk=row.pk, state=row.state).update(look_ups=look_ups, next_attempt_at=due)
        return 1 if counts else 0


def _checked(file: AttachedFile, rules: AttachmentRules) -> AttachedFile | Reason:
    return too_large(len(file.content), rules) if len(file.content) > rules.max_bytes else file
