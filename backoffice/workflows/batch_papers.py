"""The list of the sales behind a posted batch as PDF, put with the voucher: from each sale to the books and back.

Made once, when the batch is posted, in the language of the client's books, from the amounts that were kept with the
voucher; stored under its hash. A list that is too long for the accounting system, or not wanted, stays here as CSV,
and `BatchList.why_not` says why. The voucher never waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import formats, translation
from django.utils.translation import gettext as _

from backoffice.clients.models import Client
from backoffice.common import blobs
from backoffice.common.display import amount
from backoffice.common.sentences import told_in
from backoffice.invoices import pdf
from backoffice.invoices.fonts import face_rules, stack
from backoffice.invoices.models import DocumentPolicy
from backoffice.sales.batch_models import BatchList, BatchSource
from backoffice.vouchers.attachments import CannotAttach, attach, takes_attachments
from backoffice.vouchers.models import SourceType, Voucher
from backoffice.vouchers.pdfs import PDF
from backoffice.vouchers.states import VoucherState
from backoffice.workflows.batch_keys import BatchKey
from backoffice.workflows.batch_lists import ListedRow, SalesList, list_of

TYPEFACE = "source-sans"
STYLE = Path(settings.BASE_DIR) / "templates" / "lists" / "batch.css"
LINES_A_PAGE, LINES_OF_HEAD = 35, 5
#: signs that fit into a line of the columns for references and texts
REFERENCE_SIGNS, TEXT_SIGNS, ACCOUNT_SIGNS = 32, 32, 36
#: a list that takes longer to lay out than a client's turn lasts; who sells more has the CSV
MAX_ROWS = 4_000
NOT_WANTED = "The sales point attaches no documents to vouchers."
NOT_TAKEN = "The accounting system takes no files for this voucher."


@dataclass(frozen=True, slots=True)
class Sums:
    """Debit and credit so far, in minor units, both positive."""

    debit_minor: int = 0
    credit_minor: int = 0
    currency: str = "NOK"

    def plus(self, row: ListedRow) -> Sums:
        """Add a row."""
        debit, credit = _sides(row.amounts.values())
        return Sums(self.debit_minor + debit, self.credit_minor + credit, self.currency)

    @property
    def debit(self) -> str:
        """Show the debit side."""
        return amount(self.debit_minor, self.currency)

    @property
    def credit(self) -> str:
        """Show the credit side."""
        return amount(self.credit_minor, self.currency)


def lists_due(client: Client | None = None) -> QuerySet[Voucher]:
    """Posted batches of which it is not decided yet whether their list goes with them."""
    due = Voucher.objects.filter(source_type=SourceType.SALES_DAY, state=VoucherState.POSTED, batch_list=None)
    return due.filter(client=client) if client else due


def clients_with_lists_to_attach() -> set[int]:
    """Give the ids of clients with a posted batch whose list is to be made."""
    return set(lists_due().values_list("client_id", flat=True))


def attach_batch_lists(client: Client, keep_lane: Callable[[], None] = lambda: None, *, at_most: int = 3) -> int:
    """Make the lists that are due and put them with their vouchers; give how many. None where no PDF can be made."""
    done = 0
    for voucher in lists_due(client).select_related("client", "sales_point").order_by("id")[:at_most]:
        keep_lane()
        try:
            _decide(voucher)
        except pdf.PangoMissing:  # the readiness page says so; they wait
            break
        done += 1
    return done


def pdf_of(voucher: Voucher) -> bytes:
    """Give the list as PDF: as it was stored, else as it stands now. Raises CannotRender and blobs.BlobMissing."""
    kept = BatchList.objects.filter(voucher=voucher).exclude(sha256="").first()
    return blobs.read(kept.sha256, "pdf") if kept else _made(voucher)


def file_name(voucher: Voucher, suffix: str) -> str:
    """Name the file of a list."""
    return f"sales-{voucher.dated_on}-{voucher.pk}.{suffix}"


def _decide(voucher: Voucher) -> None:
    policy = DocumentPolicy.objects.filter(sales_point=voucher.sales_point_id).first()
    why_not, sha256, made = "", "", b""
    if policy is not None and not policy.attaches_to_voucher:
        why_not = NOT_WANTED
    elif not takes_attachments(voucher):
        why_not = NOT_TAKEN
    else:
        try:
            made = _made(voucher)
        except pdf.PangoMissing:
            raise
        except pdf.CannotRender as error:
            why_not = str(error)
    with transaction.atomic():
        if made:
            try:
                name = file_name(voucher, "pdf")
                sha256 = attach(voucher=voucher, name=name, media_type=PDF, content=made).sha256
            except CannotAttach as error:
                why_not, sha256 = str(error), blobs.keep(made, "pdf")
        BatchList.objects.get_or_create(
            voucher=voucher, defaults={"sha256": sha256, "size_bytes": len(made), "why_not": why_not}
        )


def _made(voucher: Voucher) -> bytes:
    found = list_of(voucher)
    if len(found.rows) > MAX_ROWS:
        raise pdf.CannotRender(
            f"The list has {len(found.rows)} rows, a PDF holds {MAX_ROWS}. Download the CSV and keep it with the books."
        )
    with translation.override(voucher.client.books_language):
        html = render_to_string("lists/batch.html", _context(voucher, found))
    css = Template(STYLE.read_text(encoding="utf-8")).substitute(font=stack(TYPEFACE))
    return pdf.render_list(html, face_rules(TYPEFACE) + css)


def _context(voucher: Voucher, found: SalesList) -> dict[str, Any]:
    key = BatchKey.read(voucher.source_key)
    facts = [
        (_("Sales point"), voucher.sales_point),
        (_("Day"), formats.date_format(key.day, "SHORT_DATE_FORMAT")),
        (_("Our reference"), voucher.document.get("reference", "–")),
        (_("SAF-T batch"), key.saft.batch_id),
        (_("SAF-T source"), key.saft.source_id),
        (_("Currency"), voucher.currency),
        (_("Sales"), sum(1 for row in found.rows if row.kind is BatchSource.SALE)),
    ]
    return {
        "language": voucher.client.books_language,
        "client": voucher.client.name,
        "title": _("Sales behind the voucher"),
        "facts": facts,
        "pages": list(_pages(voucher, found)),
        "totals": [
            (number, found.names[number], code, *_shown(_sides([found.totals[number, code]]), voucher.currency))
            for number, code in found.columns
        ],
    }


def _pages(voucher: Voucher, found: SalesList) -> Iterator[dict[str, Any]]:
    """Cut the rows into pages that fit, each with the sums brought and carried."""
    sums, brought = Sums(currency=voucher.currency), None
    rows: list[dict[str, str]] = []
    room = LINES_A_PAGE - LINES_OF_HEAD
    for row in found.rows:
        shown = _row(row, voucher)
        needed = _lines(shown)
        if rows and needed > room:
            yield {"rows": rows, "brought": brought, "carried": sums}
            rows, brought, room = [], sums, LINES_A_PAGE - 1
        rows.append(shown)
        sums, room = sums.plus(row), room - needed
    yield {"rows": rows, "brought": brought, "carried": sums}


def _row(row: ListedRow, voucher: Voucher) -> dict[str, str]:
    reference, sale, time, _day, number, method, provider_reference = row.told
    text = " · ".join(part for part in (method, provider_reference, number, sale if sale != reference else "") if part)
    debit, credit = _shown(_sides(row.amounts.values()), voucher.currency)
    posted = list(row.amounts.items())
    accounts = ", ".join(
        f"{account} ({code}) {amount(minor, voucher.currency)}" if len(posted) > 1 else f"{account} ({code})"
        for (account, code), minor in posted
    )
    kind = str(row.kind.label)
    return {
        "time": time, "kind": kind, "reference": reference, "text": told_in(text, voucher.client.books_language),
        "accounts": accounts, "debit": debit, "credit": credit,
    }  # fmt: skip


def _lines(row: dict[str, str]) -> int:
    lengths = ((row["reference"], REFERENCE_SIGNS), (row["text"], TEXT_SIGNS), (row["accounts"], ACCOUNT_SIGNS))
    return max(1, *(-(-len(text) // signs) for text, signs in lengths))


def _sides(amounts: Sequence[int] | Any) -> tuple[int, int]:
    """Give debit and credit of amounts in minor units, both positive."""
    given = list(amounts)
    return sum(one for one in given if one > 0), -sum(one for one in given if one < 0)


def _shown(sides: tuple[int, int], currency: str) -> tuple[str, str]:
    debit, credit = sides
    return amount(debit, currency) if debit else "", amount(credit, currency) if credit else ""
