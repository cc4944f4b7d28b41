"""Hold mapping rules against the chart: what would fail over there is said here first, in plain words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from backoffice.chart.models import Dimension, LedgerAccount, PaymentMethodMapping, SalesMapping, VatCode
from backoffice.clients.models import Client, InvoiceIssuer, SalesPoint
from backoffice.contracts.errors import Reason

NO_VAT = "0"


@dataclass(frozen=True, slots=True)
class ChartIndex:
    """A client's chart in memory, loaded with three queries."""

    accounts: dict[str, LedgerAccount]
    vat_codes: dict[str, list[VatCode]]
    dimensions: dict[tuple[str, str], Dimension]

    @classmethod
    def load(cls, client: Client) -> ChartIndex:
        """Read accounts, VAT codes and dimensions."""
        vat_codes: dict[str, list[VatCode]] = {}
        for code in VatCode.objects.filter(client=client):
            vat_codes.setdefault(code.code, []).append(code)
        return cls(
            {account.number: account for account in LedgerAccount.objects.filter(client=client)},
            vat_codes,
            {(one.kind, one.code): one for one in Dimension.objects.filter(client=client)},
        )

    def vat_code(self, code: str, on: date) -> VatCode | None:
        """Give the VAT code that is valid on a day."""
        for one in self.vat_codes.get(code, []):
            starts = one.valid_from is None or one.valid_from <= on
            ends = one.valid_to is None or on <= one.valid_to
            if one.is_active and starts and ends:
                return one
        return None


def problems_of_account(number: str, index: ChartIndex, purpose: str) -> list[Reason]:
    """Say why nothing can be posted on an account."""
    account = index.accounts.get(number)
    if account is None:
        text = f"Ledger account {number} ({purpose}) does not exist in the books. Create it there, or map to another."
        return [Reason("account_missing", text, number)]
    if not account.is_active:
        text = f"Ledger account {account} ({purpose}) is inactive. Activate it in the books, or map to another."
        return [Reason("account_inactive", text, number)]
    return []


def problems_of_dimensions(account: LedgerAccount, given: dict[str, str], index: ChartIndex) -> list[Reason]:
    """Say which dimension an account asks for that the sales point does not give, or which code does not exist."""
    reasons = [
        Reason(
            "dimension_required",
            f"Ledger account {account} must be posted with a {kind}. Set it on the sales point.",
            account.number,
        )
        for kind in account.required_dimensions
        if not given.get(kind)
    ]
    for kind, code in given.items():
        one = index.dimensions.get((kind, str(code)))
        if code and (one is None or not one.is_active):
            state = "is inactive" if one else "does not exist"
            text = f"The {kind} {code} {state} in the books. Correct it on the sales point."
            reasons.append(Reason("dimension_missing", text, str(code)))
    return reasons


def problems_of_sales_rule(
    rule: SalesMapping,
    index: ChartIndex,
    on: date,
    *,
    sales_points: Iterable[SalesPoint] = (),
    rate: Decimal | None = None,
) -> list[Reason]:
    """Say why a sales rule cannot be posted by on a day; rate is the sale's own, when known."""
    reasons = problems_of_account(rule.ledger_account, index, f"sales of {rule.group}")
    code = index.vat_code(rule.vat_code, on)
    if code is None:
        text = f"VAT code {rule.vat_code} ({rule.group}) does not exist or is not valid on {on}. Map to a valid one."
        reasons.append(Reason("vat_code_missing", text, rule.vat_code))
    wanted = rule.vat_rate if rate is None else rate
    if code is not None and wanted is not None and code.rate != wanted:
        text = (
            f"Sales of {rule.group} carry {wanted:g} % VAT, but VAT code {rule.vat_code} means {code.rate:g} %. "
            "Map that rate to a VAT code with the same rate."
        )
        reasons.append(Reason("vat_not_allowed", text, rule.vat_code))
    account = index.accounts.get(rule.ledger_account)
    if account is None:
        return reasons
    points = [rule.sales_point] if rule.sales_point else list(sales_points)
    reasons += _vat_of_account(rule, account, points)
    for point in points:
        reasons += [r for r in problems_of_dimensions(account, point.dimensions, index) if r not in reasons]
    return reasons


def _vat_of_account(rule: SalesMapping, account: LedgerAccount, points: list[SalesPoint]) -> list[Reason]:
    own = account.vat_code or NO_VAT
    if own == rule.vat_code:
        return []
    if account.is_vat_code_locked:
        text = (
            f"Ledger account {account} is locked to VAT code {own}; {rule.vat_code} is refused. Map to another account."
        )
        return [Reason("vat_not_allowed", text, account.number)]
    if any(point.invoice_issuer == InvoiceIssuer.ACCOUNTING_SYSTEM for point in points):
        text = (
            f"On invoices the accounting system takes VAT from the ledger account: {account} has VAT code {own}, "
            f"the mapping says {rule.vat_code}. Map to an account with VAT code {rule.vat_code}."
        )
        return [Reason("vat_follows_account", text, account.number)]
    return []


def problems_of_payment_account(rule: PaymentMethodMapping, index: ChartIndex) -> list[Reason]:
    """Say why payments cannot be posted by a rule; its fee and bank accounts play no part before a payout."""
    reasons = problems_of_account(rule.ledger_account, index, f"payments by {rule.method}")
    return reasons + _locked_to_another(rule.ledger_account, NO_VAT, index, f"payments by {rule.method} carry no VAT")


def problems_of_payment_rule(rule: PaymentMethodMapping, index: ChartIndex, on: date) -> list[Reason]:
    """Say everything that stands in the way of a payment rule on a day, payouts with their fees included."""
    reasons = problems_of_payment_account(rule, index)
    account = index.accounts.get(rule.ledger_account)
    if account is not None and rule.sales_point is not None:
        reasons += problems_of_dimensions(account, rule.sales_point.dimensions, index)
    if rule.fee_ledger_account:
        code, purpose = rule.fee_vat_code, f"fees of {rule.method}"
        reasons += problems_of_account(rule.fee_ledger_account, index, purpose)
        if index.vat_code(code, on) is None:
            text = f"VAT code {code} ({purpose}) does not exist or is not valid on {on}. Map to a valid one."
            reasons.append(Reason("vat_code_missing", text, code))
        reasons += _locked_to_another(rule.fee_ledger_account, code, index, f"{purpose} are mapped to {code}")
    for number, what in (
        (rule.bank_ledger_account, "payouts"),
        (rule.dispute_ledger_account, "disputes"),
        (rule.deposit_ledger_account, "sums held back"),
        (rule.correction_ledger_account, "corrections"),
    ):
        if number:
            reasons += problems_of_plain(number, index, f"{what} of {rule.method}")
    return reasons


def problems_of_plain(number: str, index: ChartIndex, purpose: str) -> list[Reason]:
    """Say why nothing can be posted without VAT on an account."""
    reasons = problems_of_account(number, index, purpose)
    return reasons + _locked_to_another(number, NO_VAT, index, f"{purpose} carry no VAT")


def problems_of_rounding(number: str, index: ChartIndex) -> list[Reason]:
    """Say why no visible rounding line can stand on an account: it must carry no VAT, or invoices would differ."""
    if reasons := problems_of_account(number, index, "rounding"):
        return reasons
    account = index.accounts[number]
    codes = index.vat_codes.get(account.vat_code, [])
    if rates := [code.rate for code in codes if code.rate]:
        text = (
            f"Rounding carries no VAT, but ledger account {account} has VAT code {account.vat_code} ({rates[0]:g} %). "
            "Choose a rounding account without VAT on the client."
        )
        return [Reason("vat_not_allowed", text, number)]
    return []


def problems_of_advance(number: str, index: ChartIndex) -> list[Reason]:
    """Say why advance payments cannot rest on an account."""
    reasons = problems_of_account(number, index, "advance payments")
    return reasons + _locked_to_another(number, NO_VAT, index, "advance payments carry no VAT")


def _locked_to_another(number: str, code: str, index: ChartIndex, because: str) -> list[Reason]:
    account = index.accounts.get(number)
    if account is None or not account.is_vat_code_locked or (account.vat_code or NO_VAT) == (code or NO_VAT):
        return []
    text = f"Ledger account {account} is locked to VAT code {account.vat_code or NO_VAT}; {because}. Map to another."
    return [Reason("vat_not_allowed", text, number)]
