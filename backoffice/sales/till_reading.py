"""Read a till's file on, a slice at a time: one worker at a file, progress kept every few seconds.

Who reads holds a lease on the row. Every write asks for it in the same transaction, so that a worker whose lease was
taken over, or whose import was stopped, writes nothing more. A Z report is recorded in a transaction of its own and
recognised when it is read again; so a worker may be killed anywhere, and the next one goes on from what was kept last.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from backoffice.audit.services import Actor, record
from backoffice.common import blobs
from backoffice.common.codec import sha256, to_builtins
from backoffice.common.transitions import compare_and_swap
from backoffice.connections.turns import Every, LeaseLost, claim, hold
from backoffice.contracts.closings import DayClosingDetails
from backoffice.contracts.errors import UnreadablePayload
from backoffice.contracts.till_files import ReadTo
from backoffice.ledger.errors import LedgerError
from backoffice.sales.closings import record_day_closing, show_repeat
from backoffice.sales.models import DayClosing
from backoffice.sales.payments import ReferenceUsed
from backoffice.sales.till_import_models import ImportedOutcome, TillImport, TillImportClosing
from backoffice.sales.till_import_states import TILL_IMPORT, TillImportState
from backoffice.sales.till_imports import SUFFIX

logger = logging.getLogger(__name__)
WORKER = Actor.system("worker")
#: a file's turn; after it others come first
SLICE_S = 15.0
#: so much reading is done twice after a kill, or ten times what it takes to keep the progress, if that is more
KEEP_EVERY_S = 2.0
KEEP_SHARE = 10
#: how often reading may begin at one place and not get further, before a person must look
MAX_TRIES = 5


def read_slice(import_id: int) -> bool:
    """Read a file on for one turn; give whether more is left. False, too, when another worker has it."""
    row = _claim(import_id)
    if row is None:
        return False
    try:
        if row.tries > MAX_TRIES:
            raise UnreadablePayload(
                f"Reading began {MAX_TRIES} times and got no further: the worker ended each time. Look at its log, "
                "then go on."
            )
        return _read(row, time.monotonic() + SLICE_S)
    except LeaseLost:
        logger.info("Import %s was stopped, or another worker has taken it over.", import_id)
    except (UnreadablePayload, blobs.BlobMissing) as error:
        _end(row, TillImportState.FAILED, "till_import.failed", error=str(error))
    return False


def _claim(import_id: int) -> TillImport | None:
    row = TillImport.objects.select_related("client", "sales_point__client").get(pk=import_id)
    return row if claim(row, TILL_IMPORT) else None


def _read(row: TillImport, ends_at: float) -> bool:
    path = blobs.stored(row.sha256, SUFFIX, row.size_bytes)
    if not row.bytes_read:
        blobs.prove(row.sha256, SUFFIX, sign_of_life=_every(KEEP_EVERY_S, lambda: hold(row)))
    reached, is_time = None, Every(KEEP_EVERY_S)
    with path.open("rb") as file:
        for found in _reader(file, row):
            if isinstance(found, DayClosingDetails):
                _record(row, found)
                continue
            reached = found
            is_over = time.monotonic() >= ends_at
            if found.freeze is None:
                if is_time():
                    hold(row)  # it cannot stop here, but it is alive
            elif is_over or is_time():
                began = time.monotonic()
                _keep(row, found)
                is_time.rest(max(KEEP_EVERY_S, KEEP_SHARE * (time.monotonic() - began)))
                if is_over:
                    _hand_back(row)
                    return True
    _end(row, TillImportState.DONE, "till_import.done", position="", **(_progress(reached) if reached else {}))
    return False


def _reader(file: BinaryIO, row: TillImport) -> Iterator[DayClosingDetails | ReadTo]:
    read: Callable[..., Iterator[DayClosingDetails | ReadTo]] = import_string(settings.CASH_REGISTER_READER)
    return read(file, zone=row.client.zone, frozen=row.position)


def _record(row: TillImport, closing: DayClosingDetails) -> None:
    """Record a Z report and that it stands in this file, together; what is refused is kept with the reason."""
    because, outcome = "", ImportedOutcome.REFUSED
    with transaction.atomic():
        hold(row)
        try:
            outcome = ImportedOutcome(
                record_day_closing(sales_point=row.sales_point, closing=closing, event=None).outcome
            )
        except ReferenceUsed as error:
            show_repeat(sales_point=row.sales_point, closing=closing)
            because = str(error)
        except LedgerError as error:
            because = str(error)
        stored = DayClosing.objects.filter(
            sales_point=row.sales_point, register=closing.register, number=closing.number
        )
        TillImportClosing.objects.get_or_create(
            till_import=row,
            register=closing.register,
            number=closing.number,
            details_sha256=sha256(to_builtins(closing)),
            defaults={
                "closing": stored.first(),
                "outcome": outcome,
                "because": because,
                "notes": list(closing.notes),
            },
        )


def _progress(reached: ReadTo) -> dict[str, Any]:
    """Give the columns that say how far it is."""
    return {
        "bytes_read": reached.offset,
        "receipts": reached.receipts,
        "left_out": reached.left_out,
        "notes": list(reached.notes),
    }


def _keep(row: TillImport, reached: ReadTo) -> None:
    hold(row, **_progress(reached), position=reached.freeze() if reached.freeze else "", tries=0)


@transaction.atomic
def _hand_back(row: TillImport) -> None:
    hold(row)
    compare_and_swap(row, TILL_IMPORT, TillImportState.WAITING, holder="", lease_until=None)


@transaction.atomic
def _end(row: TillImport, to: TillImportState, action: str, **changes: Any) -> None:
    try:
        hold(row)
    except LeaseLost:
        return  # whoever has it now finds out the same
    now = timezone.now()
    compare_and_swap(row, TILL_IMPORT, to, holder="", lease_until=None, finished_at=now, updated_at=now, **changes)
    record(
        action=action,
        actor=WORKER,
        subject_type="tillimport",
        subject_id=row.pk,
        client=row.client,
        label=row.filename,
        note=row.error or f"Receipts read from the file: {row.receipts}.",
    )


def _every(seconds: float, do: Callable[[], None]) -> Callable[[], None]:
    is_time = Every(seconds)
    return lambda: do() if is_time() else None
