"""What the client has in its books, read into the house's words.

Reference: accountingsettings.json, departments.json, locations.json, projects.json, customdimensions.json,
salessettings.json, customerledger.json, trialbalance.json.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from backoffice.contracts.accounting import (
    BookLimits,
    ChartAccount,
    ChartDimension,
    ChartPaymentTerm,
    ChartTheme,
    ChartVatCode,
    CompanyInformation,
    InvoiceBalance,
    OpenItem,
)
from backoffice.contracts.errors import Misunderstood
from backoffice.ledger.money import Money
from integrations.poweroffice.config import HOME_CURRENCY, PROVIDER
from integrations.poweroffice.wire import (
    DIMENSIONS,
    Row,
    count_of,
    day_of,
    money_of,
    needed,
    number_of,
    text_of,
    texts_of,
)

#: Projects in these states take no postings.
CLOSED_PROJECT_STATES: Final = frozenset({"Archived"})
#: A rate is a share; a larger number is something else.
MAX_RATE: Final = 1


def account(row: Row) -> ChartAccount:
    """Read a ledger account; every Is…Required flag of a known dimension counts, also those added later."""
    return ChartAccount(
        external_id=needed(row, "Id"),
        number=needed(row, "AccountNo"),
        name=text_of(row, "Name"),
        is_active=row.get("IsActive") is True,
        vat_code=text_of(row, "VatCode"),
        is_vat_code_locked=row.get("IsVatCodeLocked") is True,
        required_dimensions=tuple(kind for kind, stem in DIMENSIONS.items() if row.get(f"Is{stem}Required") is True),
    )


def vat_code(row: Row) -> ChartVatCode:
    """Read a VAT code; their rate is a share (0.25), ours a percent (25)."""
    return ChartVatCode(
        external_id=needed(row, "Id"),
        code=needed(row, "Code"),
        name=text_of(row, "Name"),
        rate=percent_of(row.get("Rate")),
        is_active=row.get("IsActive") is True,
        valid_from=day_of(row.get("ValidFrom")),
        valid_to=day_of(row.get("ValidTo")),
    )


def percent_of(share: Any) -> Decimal:
    """Give a share as a percent with two decimals; a code without a rate is 0 %.

    >>> percent_of(Decimal("0.1111"))
    Decimal('11.11')
    """
    if share is None:
        return Decimal("0.00")
    if isinstance(share, bool) or not isinstance(share, int | Decimal) or not -MAX_RATE <= share <= MAX_RATE:
        raise Misunderstood(f"{share!r} is not a VAT rate.", provider=PROVIDER)
    return (Decimal(share) * 100).quantize(Decimal("0.01"))


def dimension(kind: str, row: Row) -> ChartDimension:
    """Read a department, location, project or custom dimension value."""
    is_active = row.get("IsActive") is True and text_of(row, "ProjectStatus") not in CLOSED_PROJECT_STATES
    return ChartDimension(
        kind=kind,
        external_id=needed(row, "Id"),
        code=text_of(row, "Code"),
        name=text_of(row, "Name"),
        is_active=is_active,
    )


def custom_dimension(row: Row) -> ChartDimension:
    """Read a custom dimension value; its ordinal says which of dim1 to dim3 it is."""
    return dimension(f"dim{needed(row, 'Ordinal')}", row)


def theme(row: Row) -> ChartTheme:
    """Read a branding theme."""
    return ChartTheme(
        external_id=needed(row, "Id"),
        code=text_of(row, "Code"),
        name=text_of(row, "Name"),
        is_default=row.get("IsDefault") is True,
        language=text_of(row, "LanguageCode"),
    )


def payment_term(row: Row) -> ChartPaymentTerm:
    """Read a payment term; one without days is due at once."""
    return ChartPaymentTerm(
        external_id=needed(row, "Id"),
        name=text_of(row, "Name"),
        credit_days=count_of(row, "CreditDays"),
        is_default=row.get("IsDefault") is True,
        is_active=row.get("IsActive") is True,
    )


def book_limits(lock_dates: Row, settings: Row) -> BookLimits:
    """Read the dates before which nothing can be posted.

    The lock date itself is locked; the conversion date is the first open day.
    """
    return BookLimits(
        locked_through=day_of(lock_dates.get("LockDate")), converted_on=day_of(settings.get("ConversionDate"))
    )


def company(information: Row, organisation_number: str, may_send: bool | None) -> CompanyInformation:
    """Read whose books these are."""
    return CompanyInformation(
        name=text_of(information, "ClientName"),
        organisation_number=organisation_number,
        valid_privileges=texts_of(information, "ValidPrivileges"),
        invalid_privileges=texts_of(information, "InvalidPrivileges"),
        subscriptions=texts_of(information, "ActiveClientSubscriptions"),
        may_send_invoices=may_send,
    )


def truth_of(value: Any) -> bool | None:
    """Read a flag that comes as a JSON boolean or, in tokens, as the word "True"; None when it is neither."""
    return {"true": True, "false": False}.get(str(value).lower())


def open_item(row: Row) -> OpenItem:
    """Read an open customer ledger entry, in the client's currency."""
    amount, balance = money_of(row.get("Amount"), HOME_CURRENCY), money_of(row.get("Balance"), HOME_CURRENCY)
    posted_on = day_of(row.get("PostingDate"))
    if amount is None or balance is None or posted_on is None:
        raise Misunderstood("PowerOffice answered a customer ledger entry without amounts.", provider=PROVIDER)
    return OpenItem(
        customer_number=text_of(row, "CustomerAccountNo"),
        customer_name=text_of(row, "CustomerName"),
        external_id=needed(row, "Id"),
        number=number_of(row, "VoucherNo"),
        invoice_number=text_of(row, "InvoiceNo"),
        matching_reference=text_of(row, "CustomMatchingReference"),
        posted_on=posted_on,
        amount=amount,
        balance=balance,
    )


def invoice_balance(row: Row) -> InvoiceBalance:
    """Read what is open of an invoice (OutgoingInvoiceDto), in the client's currency; a credit note's total is < 0."""
    total, balance = (
        money_of(row.get("TotalPostedAmount"), HOME_CURRENCY),
        money_of(row.get("Balance"), HOME_CURRENCY),
    )
    if total is None or balance is None:
        raise Misunderstood("PowerOffice answered an invoice without its balance.", provider=PROVIDER)
    changed = needed(row, "BalanceLastChangedDateTimeOffset")
    try:
        changed_at = datetime.fromisoformat(changed)
    except ValueError as error:
        raise Misunderstood(f"{changed!r} is not a time.", provider=PROVIDER) from error
    is_credit_note = text_of(row, "VoucherType") == "OutgoingCreditNote"
    return InvoiceBalance(
        external_id=needed(row, "Id"),
        invoice_number=number_of(row, "InvoiceNo"),
        reference=text_of(row, "ExternalImportReference"),
        total=-abs(total) if is_credit_note else total,
        balance=balance,
        due_on=day_of(row.get("DueDate")),
        changed_at=changed_at if changed_at.tzinfo else changed_at.replace(tzinfo=UTC),
        is_credit_note=is_credit_note,
        match=number_of(row, "MatchId"),
    )


def account_balance(row: Row) -> tuple[str, Money]:
    """Read a line of the trial balance: account number and balance, debit > 0."""
    balance = money_of(row.get("Balance"), HOME_CURRENCY)
    if balance is None:
        raise Misunderstood("PowerOffice answered a balance without an amount.", provider=PROVIDER)
    return needed(row, "AccountNo"), balance
