"""W6 to W8: a till's day, or several tills', as one cash journal.

Payments are debited per method, sales credited gross per ledger account and VAT code; rounding, tips, gift cards,
cash differences and deposits stand on accounts of their own; an invoice paid at the till credits its customer. See
docs/algorithms/sales-day.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from backoffice.clients.models import Client
from backoffice.contracts.accounting import DocumentKind, JournalDocument, JournalLine
from backoffice.ledger.money import Money
from backoffice.ledger.sales_day import CUSTOMER, SalesDay, day_entries, post_day
from backoffice.ledger.voucher import Entry
from backoffice.sales.models import DayClosing
from backoffice.vouchers.drafting import Draft, DraftPosting, reference_for
from backoffice.vouchers.models import SourceType
from backoffice.workflows.books import CUSTOMER_LEDGER, Books
from backoffice.workflows.closing_figures import About, ClosingReader, Figures
from backoffice.workflows.dates import DatedOn, date_voucher


def draft_day_closings(
    client: Client,
    key: str,
    closings: Sequence[DayClosing],
    books: Books,
    *,
    day: date,
    currency: str,
    description: str,
    is_growing: bool = False,
    may_move: bool = False,
    generation: int = 0,
) -> Draft:
    """Draft the cash journal of one till's closing, or of all closings of a day; key names its source.

    With reasons only those postings are shown whose accounts are known. Nothing is posted then.
    """
    dated = date_voucher(
        client, day, locked_through=books.locked_through, converted_on=books.converted_on, may_move=may_move
    )
    figures = Figures()
    if dated.reason:
        figures.stop([dated.reason])
    for closing in closings:
        ClosingReader(closing, books, figures).read()
    postings = _postings(figures, dated.day, currency)
    text = f"{description} (closed {day})" if dated.moved_from else description
    text = _told_negative_bases(text, [posting for posting, _ in postings])
    is_final = not figures.reasons and not is_growing and bool(postings)
    return Draft(
        kind=DocumentKind.CASH_JOURNAL,
        dated_on=dated.day,
        original_dated_on=dated.moved_from,
        currency=currency,
        description=text,
        postings=tuple(posting for posting, _ in postings),
        document=_document(client, key, dated, currency, text, postings, generation) if is_final else None,
        reasons=tuple(figures.reasons),
        is_growing=is_growing,
        occurred_at=max((closing.closed_at for closing in closings), default=None),
    )


def _postings(figures: Figures, day: date, currency: str) -> list[tuple[DraftPosting, About]]:
    sections = {name: tuple(lines) for name, lines in figures.lines.items()}
    day_of_sales = SalesDay(day, currency, moves=tuple(figures.moves), **sections)
    entries = day_entries(day_of_sales) if figures.reasons else post_day(day_of_sales).entries
    return [_posting(entry, figures, currency) for entry in entries]


def _told_negative_bases(description: str, postings: Sequence[DraftPosting]) -> str:
    """Add the VAT codes under which more came back than was sold: a negative base wants a remark in the VAT return.

    The return counts per code and term, so that the day alone decides nothing; it is said, and stops nothing. Rule
    R020 of the VAT return (skatteetaten.github.io/mva-meldingen).
    """
    sums: dict[str, int] = {}
    for posting in postings:
        if posting.vat_rate:
            sums[posting.vat_code] = sums.get(posting.vat_code, 0) + posting.amount.minor
    codes = [code for code, minor in sorted(sums.items()) if minor > 0]
    return f"{description} (more returns than sales: VAT code {', '.join(codes)})" if codes else description


def _returns_exceed_sales(entry: Entry, about: About) -> list[dict[str, str]]:
    if not about.vat_rate or entry.amount.minor <= 0:
        return []
    said = (
        f"More came back than was sold here at {about.vat_rate:g} %. If VAT code {entry.vat_code} ends its term "
        "negative, the VAT return wants a remark, such as credit note."
    )
    return [{"text": said, "amount": ""}]


def _posting(entry: Entry, figures: Figures, currency: str) -> tuple[DraftPosting, About]:
    key = (entry.account, entry.vat_code, entry.dimensions, entry.matching_reference, entry.description)
    about = figures.about[key]
    steps = list(about.steps)
    if sum(bool(step["amount"]) for step in steps) > 1:
        steps.append({"text": "Posted together", "amount": str(Money(abs(entry.amount.minor), currency))})
    steps += _returns_exceed_sales(entry, about)
    is_customer = entry.account.startswith(CUSTOMER)
    posting = DraftPosting(
        ledger_account=CUSTOMER_LEDGER if is_customer else entry.account,
        amount=entry.amount,
        vat_code=entry.vat_code,
        account_name=about.account_name,
        vat_rate=about.vat_rate,
        customer_key=about.party.key if about.party else "",
        customer_name=about.party.details.name if about.party else "",
        matching_reference=entry.matching_reference,
        description=entry.description,
        dimensions=dict(entry.dimensions),
        why=tuple(steps),
    )
    return posting, about


def _document(
    client: Client,
    key: str,
    dated: DatedOn,
    currency: str,
    description: str,
    postings: Sequence[tuple[DraftPosting, About]],
    generation: int,
) -> JournalDocument:
    return JournalDocument(
        reference=reference_for(client, DocumentKind.CASH_JOURNAL, SourceType.DAY_CLOSING, key, generation),
        kind=DocumentKind.CASH_JOURNAL,
        dated_on=dated.day,
        currency=currency,
        description=description,
        lines=tuple(
            JournalLine(
                posting.amount,
                dated.day,
                posting.vat_code,
                ledger_account="" if about.party else posting.ledger_account,
                customer=about.party,
                description=posting.description,
                matching_reference=posting.matching_reference,
                dimensions=posting.dimensions,
            )
            for posting, about in postings
        ),
    )
