"""What may stand in the set-up file: per thing its keys, how each is read and shown, and where it is kept.

Readers take the text as written and raise ValueError with what to write instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import available_timezones

from django.db.models import TextChoices

from backoffice.chart.rules import ANY, pattern_problem
from backoffice.clients.models import (
    Approval,
    BatchJournal,
    BooksLanguage,
    DayLines,
    DayPosting,
    InvoiceIssuer,
    LockedPeriod,
    PaidBeforeDelivery,
    SaftReporter,
    SalesPointKind,
)
from backoffice.console.setup_file.tree import suggestion
from backoffice.invoices.models.seller import CompanyForm
from backoffice.ledger.errors import InvalidIdentifier
from backoffice.ledger.identifiers import parse_bank_account, parse_iban

REFUSED = object()
CURRENCY = re.compile(r"[A-Z]{3}")
CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
DIMENSION_KINDS = ("department", "location", "project", "dim1", "dim2", "dim3")
#: what a client gets that does not say it; the model's own defaults are Norwegian
DEFAULTS_BY_COUNTRY = {"PL": {"currency": "PLN", "time_zone": "Europe/Warsaw"}}


def boolean(text: str) -> bool:
    """Read true or false."""
    if text.lower() not in ("true", "false"):
        raise ValueError(f"Write true or false, not {text!r}.")
    return text.lower() == "true"


def clock(text: str) -> time:
    """Read a time of day."""
    if not CLOCK.fullmatch(text):
        raise ValueError(f'Write a time such as "03:00", not {text!r}.')
    return time.fromisoformat(text)


def rate(text: str) -> Decimal | None:
    """Read a VAT rate in percent; * means any."""
    if text == ANY:
        return None
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f'Write a percent such as "25.00", or "*" for any, not {text!r}.') from error


def pattern(text: str) -> str:
    """Read the name a rule is for; only its end may be left open."""
    if problem := pattern_problem(text):
        raise ValueError(problem)
    return text


def zone(text: str) -> str:
    """Read a time zone's name."""
    if text not in available_timezones():
        raise ValueError(f"{text!r} is not a time zone; write it like Europe/Oslo.")
    return text


def currency(text: str) -> str:
    """Read a currency code."""
    if not CURRENCY.fullmatch(text):
        raise ValueError(f"Write a currency code such as NOK, not {text!r}.")
    return text


def days(text: str) -> int:
    """Read a number of days, up to a year."""
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= 365):
        raise ValueError(f"Write a whole number of days from 0 to 365, not {text!r}.")
    return int(text)


def account_number(*parsers: Callable[[str], str]) -> Callable[[str], str]:
    """Make a reader that takes what one of the parsers takes, and says what is wrong for the first."""

    def read(text: str) -> str:
        problem: InvalidIdentifier | None = None
        for parse in parsers:
            try:
                return parse(text)
            except InvalidIdentifier as error:
                problem = problem or error
        raise ValueError(str(problem))

    return read


def one_of(*choices: str) -> Callable[[str], str]:
    """Make a reader for a fixed list of words."""

    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"{text!r} is not possible here. {suggestion(text, choices)}")
        return text

    return read


def word_of(choices: type[TextChoices]) -> Callable[[str], str]:
    """Make a reader for a model's choices."""
    return one_of(*choices.values)


def show_rate(value: Decimal | None) -> str:
    """Show a VAT rate as `rate` reads it."""
    return ANY if value is None else f"{value:.2f}"


@dataclass(frozen=True, slots=True)
class Field:
    """One key of the file. empty is what null means; without it null is refused.

    always: written even where it has the value that a new row gets by itself.
    """

    key: str
    read: Callable[[str], Any] = str
    column: str = ""
    is_required: bool = False
    empty: Any = REFUSED
    show: Callable[[Any], Any] = lambda value: value
    always: bool = True

    @property
    def name(self) -> str:
        """The column of the row."""
        return self.column or self.key


CLIENT = (
    Field("key", is_required=True),
    Field("name", is_required=True),
    Field("country", one_of("NO", "PL"), is_required=True),
    Field("organisation_number", is_required=True),
    Field("currency", currency),
    Field("time_zone", zone),
    Field("books_language", word_of(BooksLanguage), always=False),
    Field("rounding_ledger_account"),
    Field("cash_difference_ledger_account", always=False),
    Field("drawer_in_ledger_account", empty="", always=False),
    Field("drawer_out_ledger_account", empty="", always=False),
    Field("advance_ledger_account", always=False),
    Field("exchange_gain_ledger_account", always=False),
    Field("exchange_loss_ledger_account", always=False),
    Field("active", boolean, "is_active", always=False),
)
POLICIES = (
    Field("approval", word_of(Approval)),
    Field("automatic_up_to", column="automatic_up_to_minor", empty=None),
    Field("locked_period", word_of(LockedPeriod)),
    Field("four_eyes", boolean),
    Field("daily_cutoff", clock, show=lambda value: f"{value:%H:%M}"),
)
SALES_POINT = (
    Field("key", is_required=True),
    Field("name", is_required=True),
    Field("kind", word_of(SalesPointKind), is_required=True),
    Field("invoice_issuer", word_of(InvoiceIssuer), is_required=True),
    Field("saft_reporter", word_of(SaftReporter)),
    Field("batch_journal", word_of(BatchJournal), empty="", show=lambda value: value or None),
    Field("unpaid_ledger_account", empty="", show=lambda value: value or None, always=False),
    Field("day_posting", word_of(DayPosting)),
    Field("day_lines", word_of(DayLines), always=False),
    Field("paid_before_delivery", word_of(PaidBeforeDelivery), always=False),
    Field("active", boolean, "is_active", always=False),
)
THEMES = (
    Field("unpaid", column="theme_unpaid", empty="", always=False),
    Field("paid", column="theme_paid", empty="", always=False),
)
DOCUMENTS = (
    Field("make_paid_invoices", boolean, "makes_paid_invoices"),
    Field("email_customer", boolean, "emails_customer"),
    Field("attach_to_voucher", boolean, "attaches_to_voucher"),
)
SELLER = (
    Field("company_form", word_of(CompanyForm), is_required=True),
    Field("vat_registered", boolean, "is_vat_registered"),
    Field("in_liquidation", boolean, "is_in_liquidation", always=False),
    Field("address_line1", empty="", always=False),
    Field("address_line2", empty="", always=False),
    Field("postal_code", is_required=True),
    Field("city", is_required=True),
    Field("email", empty="", always=False),
    Field("phone", empty="", always=False),
    Field("website", empty="", always=False),
    Field("bank_account", account_number(parse_bank_account, parse_iban), empty="", always=False),
    Field("iban", account_number(parse_iban), empty="", always=False),
    Field("bic", empty="", always=False),
    Field("payment_terms_days", days, show=str),
)
PAYOUT_ACCOUNT = (
    Field("provider", is_required=True),
    Field("account", column="external_id", is_required=True),
    Field("currency", currency, is_required=True),
    Field("method", is_required=True),
    Field("sales_point", empty=None),
    Field("connection", empty=None),
)
WEBHOOK = (
    Field("url", str.strip, is_required=True),
    Field("sales_point", empty=None),
    Field("active", boolean, "is_active", always=False),
)
DIMENSIONS = tuple(Field(kind, empty="") for kind in DIMENSION_KINDS)
CONNECTION = (
    Field("key", is_required=True),
    Field("provider", is_required=True),
    Field("sales_point", empty=None, always=False),
    Field("active", boolean, "is_active", always=False),
)
PAYMENT_RULE = (
    Field("sales_point", empty=None, always=False),
    Field("method", pattern, is_required=True),
    Field("ledger_account", is_required=True),
    Field("fee_ledger_account", empty="", always=False),
    Field("fee_vat_code", empty="0", always=False),
    Field("bank_ledger_account", empty="", always=False),
    Field("dispute_ledger_account", empty="", always=False),
    Field("deposit_ledger_account", empty="", always=False),
    Field("correction_ledger_account", empty="", always=False),
)
SALES_RULE = (
    Field("sales_point", empty=None, always=False),
    Field("group", pattern, is_required=True),
    Field("vat_rate", rate, empty=None, show=show_rate),
    Field("ledger_account", is_required=True),
    Field("vat_code", is_required=True),
    Field("product", empty="", always=False),
)


def keys(fields: tuple[Field, ...]) -> list[str]:
    """List the keys of a thing."""
    return [one.key for one in fields]
