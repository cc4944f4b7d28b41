"""What people do with files of tills: hand one over, stop, go on, delete it. Reading is in `till_reading`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from backoffice.audit.services import Actor, record
from backoffice.clients.models import Client, SalesPoint
from backoffice.common import blobs
from backoffice.common.transitions import compare_and_swap
from backoffice.connections.queue import TILL_IMPORT as TURNS
from backoffice.connections.queue import ring_turn
from backoffice.sales.till_import_models import ImportedOutcome, TillImport, TillImportClosing
from backoffice.sales.till_import_states import TILL_IMPORT, TillImportState
from backoffice.vouchers.services import NotAllowed

SUFFIX = "saft.xml"
#: nobody reads it in these states, so the file may go
AT_REST = (TillImportState.STOPPED, TillImportState.DONE, TillImportState.FAILED)


@dataclass(frozen=True, slots=True)
class AcceptedFile:
    """is_new is False for a file that the client handed over before; its first import is given then."""

    till_import: TillImport
    is_new: bool


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How many Z reports of a file were recorded by it, had been recorded before, and were refused."""

    created: int = 0
    same: int = 0
    refused: int = 0


@transaction.atomic
def accept_till_file(
    *, sales_point: SalesPoint, sha256: str, size_bytes: int, filename: str, actor: Actor
) -> AcceptedFile:
    """Take over a stored file for import. The same bytes are imported once per client; a deleted file is kept again.

    Raises NotAllowed for an empty file.
    """
    if not size_bytes:
        raise NotAllowed("The file is empty. Export it again.")
    row, is_new = TillImport.objects.get_or_create(
        client=sales_point.client,
        sha256=sha256,
        defaults={
            "sales_point": sales_point,
            "size_bytes": size_bytes,
            "filename": "".join(sign for sign in filename if sign.isprintable()).strip()[:255] or "saft.xml",
            "uploaded_by": actor.label[:150],
        },
    )
    if is_new:
        _tell(row, "till_import.uploaded", actor, f"The file has {size_bytes} bytes.")
        ring_turn(TURNS, row.pk)
    elif row.file_removed_at is not None:
        TillImport.objects.filter(pk=row.pk).update(file_removed_at=None, file_removed_by="")
        row.file_removed_at = None
        _tell(row, "till_import.file_kept_again", actor)
    return AcceptedFile(row, is_new)


@transaction.atomic
def stop_till_import(*, till_import: TillImport, actor: Actor) -> None:
    """Stop reading; what is recorded stays, and how far it came. Raises IllegalMove or StaleState when it is over."""
    compare_and_swap(
        till_import, TILL_IMPORT, TillImportState.STOPPED, holder="", lease_until=None, stopped_by=actor.label[:150],
        updated_at=timezone.now(),
    )  # fmt: skip
    _tell(till_import, "till_import.stopped", actor, f"So much of the file was read: {till_import.percent} %.")


@transaction.atomic
def resume_till_import(*, till_import: TillImport, actor: Actor) -> None:
    """Go on where it was stopped or failed. Raises NotAllowed without its file, IllegalMove or StaleState."""
    TILL_IMPORT.check(TillImportState(till_import.state), TillImportState.WAITING)
    if till_import.file_removed_at is not None:
        raise NotAllowed("The file was deleted. Upload it again, then go on.")
    compare_and_swap(
        till_import, TILL_IMPORT, TillImportState.WAITING, error="", stopped_by="", dealt_with_by="", tries=0,
        finished_at=None, updated_at=timezone.now(),
    )  # fmt: skip
    _tell(till_import, "till_import.resumed", actor, f"So much of the file was read: {till_import.percent} %.")
    ring_turn(TURNS, till_import.pk)


@transaction.atomic
def remove_till_file(*, till_import: TillImport, actor: Actor) -> None:
    """Delete the stored file; import and closings stay. Raises NotAllowed while it is read or when it is gone."""
    now = timezone.now()
    changed = TillImport.objects.filter(pk=till_import.pk, state__in=AT_REST, file_removed_at=None).update(
        file_removed_at=now, file_removed_by=actor.label[:150], updated_at=now
    )
    if not changed:
        raise NotAllowed("The file is being read, or is deleted already. Stop the import first.")
    _tell(till_import, "till_import.file_removed", actor, f"The file had the SHA-256 {till_import.sha256}.")
    transaction.on_commit(lambda: _remove_unless_needed(till_import.sha256))


def _remove_unless_needed(sha256: str) -> None:
    """Delete the bytes unless another client's import keeps the same ones."""
    if not TillImport.objects.filter(sha256=sha256, file_removed_at=None).exists():
        blobs.remove(sha256, SUFFIX)


def outcomes_of(till_import: TillImport) -> Outcomes:
    """Count what became of the file's Z reports so far."""
    rows = till_import.closings.order_by().values_list("outcome").annotate(count=Count("pk"))
    return Outcomes(**{ImportedOutcome(outcome).value: count for outcome, count in rows})


def till_imports_under_way() -> QuerySet[TillImport]:
    """Imports that a worker reads or should read."""
    return TillImport.objects.filter(state__in=(TillImportState.WAITING, TillImportState.RUNNING))


def with_refused(rows: QuerySet[TillImport]) -> QuerySet[TillImport]:
    """Add to each import whether a Z report of it was refused (has_refused)."""
    refused = TillImportClosing.objects.filter(till_import=OuterRef("pk"), outcome=ImportedOutcome.REFUSED)
    return rows.annotate(has_refused=Exists(refused))


def till_imports_needing_person(clients: QuerySet[Client] | Iterable[Client]) -> QuerySet[TillImport]:
    """Imports that broke off, or of which a Z report was refused, until they go on or somebody has dealt with them."""
    rows = with_refused(TillImport.objects.filter(client__in=clients, state__in=AT_REST, dealt_with_by=""))
    return rows.filter(Q(state=TillImportState.FAILED) | Q(has_refused=True))


@transaction.atomic
def deal_with_till_import(*, till_import: TillImport, actor: Actor) -> None:
    """A person says that what broke off or was refused needs nobody any more. Raises NotAllowed when nothing does."""
    waiting = till_imports_needing_person([till_import.client]).filter(pk=till_import.pk)
    if not waiting.exists():
        raise NotAllowed("Nothing of this import needs a person.")
    TillImport.objects.filter(pk=till_import.pk).update(dealt_with_by=actor.label[:150], updated_at=timezone.now())
    _tell(till_import, "till_import.dealt_with", actor)


def _tell(row: TillImport, action: str, actor: Actor, note: str = "") -> None:
    record(
        action=action,
        actor=actor,
        subject_type="tillimport",
        subject_id=row.pk,
        client=row.client,
        label=row.filename,
        note=note,
    )
