"""Vouchers that go straight to the ledger: bank, cash and manual journals, both ways.

Amounts are signed (debit > 0), gross of VAT; PowerOffice makes the VAT entries itself from amount and VatId.
Reference: voucherposting.json, BankVoucherPostDto, CashVoucherPostDto, ManualVoucherPostDto.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from backoffice.contracts.accounting import DocumentKind, JournalDocument, JournalLine, Receipt
from backoffice.contracts.errors import Unsupported
from backoffice.ledger.money import Money
from backoffice.ledger.money import total as sum_of
from integrations.poweroffice.config import PROVIDER
from integrations.poweroffice.wire import (
    MAX_KID_CHARACTERS,
    MAX_SAFT_CHARACTERS,
    Body,
    Row,
    amount,
    currency_of,
    day_of,
    dimension_stem,
    money_of,
    needed,
    number_id,
    number_of,
    rows_of,
    whole_reference,
    without_blanks,
)


@dataclass(frozen=True, slots=True)
class Journal:
    """Where a kind of document is posted: the path under /Vouchers and the type its postings carry."""

    path: str
    voucher_type: str


JOURNALS: Final[Mapping[DocumentKind, Journal]] = {
    DocumentKind.BANK_JOURNAL: Journal("BankJournals", "BankJournal"),
    DocumentKind.CASH_JOURNAL: Journal("CashJournals", "CashJournal"),
    DocumentKind.MANUAL_JOURNAL: Journal("ManualJournals", "ManualJournal"),
    DocumentKind.OUTGOING_INVOICE: Journal("OutgoingInvoiceJournals", "OutgoingInvoice"),
    DocumentKind.OUTGOING_CREDIT_NOTE: Journal("OutgoingCreditNoteJournals", "OutgoingCreditNote"),
}


@dataclass(frozen=True, slots=True)
class LineIds:
    """A line's ids over there. account_id is a ledger account's or a customer's sub-ledger account's."""

    account_id: str
    vat_id: str
    dimensions: Mapping[str, str]


def journal_body(document: JournalDocument, ids: list[LineIds]) -> Body:
    """Write a journal; ids stand in the order of the lines. Raises Unsupported for half of a SAF-T trail."""
    if bool(document.saft_batch_id) != bool(document.saft_source_id):
        message = "A batch of SAF-T needs its batch and its source; one of them is missing."
        raise Unsupported(message, provider=PROVIDER)
    body = {
        "VoucherDate": document.dated_on.isoformat(),
        "CurrencyCode": document.currency,
        "Description": document.description,
        "ExternalImportReference": whole_reference(document.reference, "The voucher's reference"),
        "SaftBatchId": whole_reference(document.saft_batch_id, "The SAF-T batch", MAX_SAFT_CHARACTERS),
        "SaftSourceId": whole_reference(document.saft_source_id, "The SAF-T source", MAX_SAFT_CHARACTERS),
        "VoucherLines": [line_body(line, found, document) for line, found in zip(document.lines, ids, strict=True)],
    }
    return without_blanks(body)


def line_body(line: JournalLine, ids: LineIds, document: JournalDocument) -> Body:
    """Write one posting. Invoice number and KID exist on bank journals only."""
    one_currency(line, document.currency)
    is_bank = document.kind is DocumentKind.BANK_JOURNAL
    if not is_bank and (line.invoice_number or line.kid) and not line.matching_reference:
        message = "Only a bank journal can match by invoice number or KID; give a matching reference instead."
        raise Unsupported(message, provider=PROVIDER)
    body = {
        "AccountId": number_id(ids.account_id, "an account"),
        "VatId": number_id(ids.vat_id, "a VAT code"),
        "PostingDate": line.posted_on.isoformat(),
        "CurrencyAmount": amount(line.amount),
        "Description": line.description,
        "CustomMatchingReference": line.matching_reference,
        "ExternalLineReference": whole_reference(line.line_reference, "The line's reference"),
        "InvoiceNo": line.invoice_number if is_bank else "",
        "Cid": whole_reference(line.kid, "The KID", MAX_KID_CHARACTERS) if is_bank else "",
        **dimension_ids(ids.dimensions),
    }
    return without_blanks(body)


def dimension_ids(dimensions: Mapping[str, str]) -> Body:
    """Give dimensions by id, as vouchers take them: {"DepartmentId": 7}."""
    return {f"{dimension_stem(kind)}Id": number_id(found, f"a {kind}") for kind, found in dimensions.items()}


def one_currency(line: JournalLine, currency: str) -> None:
    """Refuse a line in another currency than its voucher: we post no exchange rates of our own."""
    if line.amount.currency != currency:
        message = f"A line in {line.amount.currency} cannot stand in a voucher in {currency}."
        raise Unsupported(message, provider=PROVIDER)


def debit_total(document: JournalDocument) -> Money:
    """Give the sum of a journal's debits, the figure by which it is compared with what stands over there."""
    return sum_of((line.amount for line in document.lines if line.amount.minor > 0), document.currency)


def telling_line(document: JournalDocument) -> JournalLine | None:
    """Choose the posting to look for: on the ledger account with the fewest of the voucher's lines.

    A payment account has one line a day where a sales account may have hundreds. When all lines are customers' it is
    one of those: it has no account to ask for, but the posting date that counts. A line of nothing leaves no posting.
    """
    lines = [line for line in document.lines if line.amount.minor]
    count = Counter(line.ledger_account for line in lines if line.ledger_account)
    return min(lines, key=lambda line: count.get(line.ledger_account, len(lines) + 1), default=None)


def voucher_receipt(row: Row, currency: str) -> Receipt:
    """Read a journal (BankVoucherDto and its like). The number may be dealt later; the total is the sum of debits."""
    currency = currency_of(row, currency)
    amounts = [money_of(line.get("CurrencyAmount"), currency) for line in rows_of(row, "VoucherLines")]
    debits = [one for one in amounts if one is not None and one.minor > 0]
    return Receipt(
        external_id=needed(row, "Id"),
        number=number_of(row, "VoucherNo"),
        total=sum_of(debits, currency) if amounts else None,
        dated_on=day_of(row.get("VoucherDate")),
    )
