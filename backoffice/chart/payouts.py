"""The accounts of a payout: what the mapping of its payment method says, held against the chart."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from backoffice.chart.resolve import Resolver
from backoffice.chart.validation import NO_VAT, problems_of_account, problems_of_dimensions, problems_of_plain
from backoffice.clients.models import SalesPoint
from backoffice.contracts.errors import Reason
from backoffice.ledger.settlement import PayoutAccounts, RowKind

#: which account of the mapping a kind of row needs, and what it is called there
NEEDED = {
    RowKind.FEE: ("fee", "fee account"),
    RowKind.FEE_REFUND: ("fee", "fee account"),
    RowKind.DISPUTE: ("dispute", "dispute account"),
    RowKind.DISPUTE_RETURN: ("dispute", "dispute account"),
    RowKind.HOLDBACK: ("deposit", "deposit account"),
    RowKind.RELEASE: ("deposit", "deposit account"),
}


@dataclass(frozen=True, slots=True)
class ResolvedPayout:
    """Where a payout goes. names holds the names of the accounts by number.

    dimensions are those of the sales point, for the accounts that must be posted with one. rule says which mapping
    said so.
    """

    accounts: PayoutAccounts
    names: dict[str, str]
    dimensions: dict[str, dict[str, str]]
    explanation: str
    rule: dict[str, Any]


def resolve_clearing(resolver: Resolver, point: SalesPoint | None, method: str) -> ResolvedPayout | list[Reason]:
    """Give the accounts as mapped, without asking whether they can be posted on."""
    chosen = resolver.payment_rule(point, method)
    if chosen is None:
        text = f"No mapping says which ledger account payments by {method} use. Map the payment method."
        return [Reason("payment_method_unmapped", text, method)]
    rule, explanation, said = chosen
    accounts = PayoutAccounts(
        bank=rule.bank_ledger_account,
        clearing=rule.ledger_account,
        fee=rule.fee_ledger_account,
        fee_vat_code=rule.fee_vat_code or NO_VAT,
        dispute=rule.dispute_ledger_account,
        deposit=rule.deposit_ledger_account,
        correction=rule.correction_ledger_account,
    )
    chart = resolver.index.accounts
    given = {kind: str(code) for kind, code in point.dimensions.items() if code} if point else {}
    dimensions = {number: given for number, account in chart.items() if account.required_dimensions}
    return ResolvedPayout(accounts, {n: a.name for n, a in chart.items()}, dimensions, explanation, said)


def resolve_payout(
    resolver: Resolver,
    point: SalesPoint | None,
    method: str,
    *,
    kinds: Collection[RowKind],
    extra: Collection[str],
    on: date,
) -> ResolvedPayout | list[Reason]:
    """Resolve the accounts of a payout with rows of these kinds; what is in the way comes back as reasons.

    extra are accounts that a person named, or that an exchange difference needs.
    """
    found = resolve_clearing(resolver, point, method)
    if not isinstance(found, ResolvedPayout):
        return found
    accounts, index = found.accounts, resolver.index
    reasons = [] if accounts.bank else [_missing(method, "bank account")]
    needed = dict.fromkeys(NEEDED[kind] for kind in kinds if kind in NEEDED)
    reasons += [_missing(method, words) for name, words in needed if not getattr(accounts, name)]
    used = {number: f"payouts of {method}" for number in (accounts.clearing, accounts.bank, *extra) if number}
    names = {name for name, _ in needed} | ({"correction"} if RowKind.CORRECTION in kinds else set())
    used |= {getattr(accounts, name): f"{name}s of {method}" for name in names - {"fee"} if getattr(accounts, name)}
    for number, purpose in used.items():
        checked = problems_of_account if number in extra else problems_of_plain
        reasons += checked(number, index, purpose)
    for number in (number for number in {*used, accounts.fee} if number in found.dimensions):
        reasons += problems_of_dimensions(index.accounts[number], found.dimensions[number], index)
    if accounts.fee and ("fee", "fee account") in needed:
        reasons += problems_of_account(accounts.fee, index, f"fees of {method}")
        if index.vat_code(accounts.fee_vat_code, on) is None:
            text = f"VAT code {accounts.fee_vat_code} (fees of {method}) does not exist or is not valid on {on}."
            reasons.append(Reason("vat_code_missing", f"{text} Map to a valid one.", accounts.fee_vat_code))
    return reasons or found


def _missing(method: str, words: str) -> Reason:
    text = f"The mapping of {method} names no {words}. Add it to the payment method's rule."
    return Reason("payout_account_missing", text, f"{method}|{words}")
