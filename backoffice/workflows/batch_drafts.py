"""W1: what a sales system sold in a day, as one journal with the batch of its own SAF-T report.

Sales are credited gross per ledger account and VAT code, payments debited per method; refunds and money back stand on
lines of their own, so that a batch shows what was sold and what came back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from backoffice.clients.models import BatchJournal, Client, SalesPoint
from backoffice.contracts.accounting import DocumentKind, JournalDocument, JournalLine
from backoffice.contracts.errors import Reason
from backoffice.ledger.money import Money, total
from backoffice.ledger.sales_day import DayLine, SalesDay, day_entries, merge_days, post_day
from backoffice.ledger.vat import split_gross
from backoffice.ledger.voucher import Dimensions, Entry
from backoffice.sales.batch_models import BatchSource
from backoffice.vouchers.drafting import Draft, DraftPosting, reference_for
from backoffice.vouchers.models import SourceType
from backoffice.workflows.batch_entries import BatchEntry, BatchReader, Sources
from backoffice.workflows.batch_keys import BatchKey
from backoffice.workflows.books import Books
from backoffice.workflows.dates import DatedOn, date_voucher
from backoffice.workflows.why import MAX_NAMED

JOURNALS: dict[str, DocumentKind] = {
    BatchJournal.BANK: DocumentKind.BANK_JOURNAL,
    BatchJournal.CASH: DocumentKind.CASH_JOURNAL,
    BatchJournal.MANUAL: DocumentKind.MANUAL_JOURNAL,
}
SECTIONS = ("payments", "sales", "rounding")
Key = tuple[str, str, str, Dimensions, str]


def draft_batch(
    client: Client,
    key: BatchKey,
    point: SalesPoint,
    sources: Sources,
    books: Books,
    *,
    is_growing: bool,
    may_move: bool = False,
) -> tuple[Draft, list[BatchEntry]]:
    """Draft a batch, and give the amounts behind it. With reasons those postings are shown whose accounts are known."""
    dated = date_voucher(
        client, key.day, locked_through=books.locked_through, converted_on=books.converted_on, may_move=may_move
    )
    reasons = [*([dated.reason] if dated.reason else []), *_lacking(key, point)]
    reader = BatchReader(key, point, sources, books)
    reader.read()
    reasons += reader.reasons
    postings = _postings(reader, dated, key.currency, is_complete=not reader.reasons)
    kind = JOURNALS.get(point.batch_journal, DocumentKind.MANUAL_JOURNAL)
    description = _description(point, key, dated)
    is_final = bool(postings) and not reasons and not is_growing
    draft = Draft(
        kind=kind,
        dated_on=dated.day,
        original_dated_on=dated.moved_from,
        currency=key.currency,
        description=description,
        postings=postings,
        document=_document(client, kind, key, dated, description, postings) if is_final else None,
        reasons=tuple(reasons),
        is_growing=is_growing,
        occurred_at=max(_moments(sources), default=None),
    )
    return draft, reader.entries


def _moments(sources: Sources) -> list[Any]:
    moments = [sale.sold_at for sale in sources.sales] + [payment.paid_at for payment in sources.payments]
    return moments + [refund.refunded_at for refund in sources.refunds]


def _lacking(key: BatchKey, point: SalesPoint) -> list[Reason]:
    reasons = []
    if not key.saft.batch_id or not key.saft.source_id:
        text = (
            "A batch is posted with batch id and source id of the sales system's SAF-T report, and one of them is "
            "empty. Send the sales again with both, at a higher revision."
        )
        reasons.append(Reason("saft_reference_missing", text, f"{key.saft.batch_id}/{key.saft.source_id}"))
    if not point.batch_journal:
        text = f"Choose on {point} which journal its batches go to."
        reasons.append(Reason("route_undecided", text, point.key))
    return reasons


def _description(point: SalesPoint, key: BatchKey, dated: DatedOn) -> str:
    supplement = f", supplement {key.number}" if key.number else ""
    moved = f" (sold {key.day})" if dated.moved_from else ""
    return f"{point.name} {key.day}, batch {key.saft.batch_id}{supplement}{moved}"


def _postings(reader: BatchReader, dated: DatedOn, currency: str, *, is_complete: bool) -> tuple[DraftPosting, ...]:
    """Add up the amounts per account, VAT code, dimensions and text, what came in first."""
    behind: dict[Key, list[BatchEntry]] = defaultdict(list)
    sections: dict[str, list[DayLine]] = {name: [] for name in SECTIONS}
    for one in reader.entries:
        sections[one.section].append(one.line)
        behind[one.section, one.line.account, one.line.vat_code, one.line.dimensions, one.line.description].append(one)
    days = {
        "payments": SalesDay(dated.day, currency, payments=tuple(sections["payments"])),
        "sales": SalesDay(dated.day, currency, sales=tuple(sections["sales"])),
        "rounding": SalesDay(dated.day, currency, rounding=tuple(sections["rounding"])),
    }
    if is_complete:
        post_day(merge_days(list(days.values())))
    return tuple(
        _posting(entry, behind[name, entry.account, entry.vat_code, entry.dimensions, entry.description], currency)
        for name, day in days.items()
        for entry in day_entries(day)
    )


def _posting(entry: Entry, mine: Sequence[BatchEntry], currency: str) -> DraftPosting:
    return DraftPosting(
        ledger_account=entry.account,
        amount=entry.amount,
        vat_code=entry.vat_code,
        account_name=mine[0].account_name,
        vat_rate=mine[0].vat_rate,
        description=entry.description,
        dimensions=dict(entry.dimensions),
        why=tuple(_why(mine, currency)),
    )


def _why(mine: Sequence[BatchEntry], currency: str) -> list[dict[str, Any]]:
    """Tell by which rules, and of which sales, an amount is made; a long list is named in part, its rest as a sum."""
    steps: list[dict[str, Any]] = []
    for entry in mine:
        step = {"text": entry.explanation, "amount": "", **({"rule": entry.rule} if entry.rule else {})}
        if step not in steps:
            steps.append(step)
    sums: dict[str, Money] = {}
    for entry in mine:
        named = _named(entry)
        sums[named] = sums.get(named, Money.zero(currency)) + entry.line.amount
    named_first = list(sums.items())[:MAX_NAMED]
    steps += [{"text": text, "amount": str(amount)} for text, amount in named_first]
    if len(sums) > MAX_NAMED:
        rest = total(list(sums.values())[MAX_NAMED:], currency)
        text = f"{len(sums) - MAX_NAMED} more; the list of the sales behind the voucher names them all"
        steps.append({"text": text, "amount": str(rest)})
    whole = total(sums.values(), currency)
    if len(sums) > 1:
        steps.append({"text": f"Sum of {len(sums)}", "amount": str(whole)})
    if mine[0].vat_rate:
        inside = split_gross(whole, mine[0].vat_rate).vat
        text = f"VAT code {mine[0].line.vat_code} takes {mine[0].vat_rate:g} % out of it: {inside}"
        steps.append({"text": text, "amount": ""})
    return steps


def _named(entry: BatchEntry) -> str:
    reference = entry.sale.reference
    if entry.source is BatchSource.BALANCE:
        return f"Sale {reference}: owed less paid on this day"
    if entry.payment is not None:
        return f"{entry.payment.method} {entry.payment.reference} for sale {reference}"
    if entry.refund is not None:
        accepted = entry.refund.split_accepted_by
        split = f", split over the VAT rates accepted by {accepted}" if accepted else ""
        return f"Refund {entry.refund.reference} of sale {reference}{split}"
    return f"Sale {reference}"


def _document(
    client: Client,
    kind: DocumentKind,
    key: BatchKey,
    dated: DatedOn,
    description: str,
    postings: Sequence[DraftPosting],
) -> JournalDocument:
    return JournalDocument(
        reference=reference_for(client, kind, SourceType.SALES_DAY, str(key)),
        kind=kind,
        dated_on=dated.day,
        currency=key.currency,
        description=description,
        lines=tuple(
            JournalLine(
                posting.amount,
                dated.day,
                posting.vat_code,
                ledger_account=posting.ledger_account,
                description=posting.description,
                dimensions=posting.dimensions,
            )
            for posting in postings
        ),
        saft_batch_id=key.saft.batch_id,
        saft_source_id=key.saft.source_id,
    )
