"""Read the itemised payout reconciliation report in CSV: one balance transaction a line, decimal amounts, times in UTC.

The report leaves out the payout's own line; its amount is what its lines add to.
https://docs.stripe.com/reports/payout-reconciliation
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from backoffice.contracts.payouts import ProviderStatement
from backoffice.ledger.money import Money
from backoffice.ledger.settlement import RowKind
from integrations.reading import money, parse_moment, refuse
from integrations.report_files import by_name, csv_rows, fold
from integrations.statements import Statement
from integrations.stripe.kinds import TEXTS, kind_of
from integrations.stripe.wire import TAX, Rules

NEEDED = ("balance_transaction_id", "currency", "gross", "fee", "net", "reporting_category")
PAYOUT_ID, EFFECTIVE_AT = "automatic_payout_id", "automatic_payout_effective_at"
Row = Mapping[str, str]


def read_csv(body: bytes, rules: Rules) -> tuple[ProviderStatement, ...]:
    """Read a report: one statement per currency."""
    rows = csv_rows(body)
    names = {fold(cell) for cell in rows[0]} if rows else set()
    if not set(NEEDED) <= names:
        raise refuse(
            "This is no payout reconciliation of Stripe. Download Reports > Payout reconciliation, itemised, as CSV "
            f"with the columns {', '.join((*NEEDED, PAYOUT_ID))}."
        )
    statements: dict[str, Statement] = {}
    paid: dict[tuple[str, str], date] = {}
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cells):
            continue
        row = by_name(rows[0], cells)
        currency = _must(row, "currency", number).upper()
        _keep(statements.setdefault(currency, Statement(rules.account, currency)), row, number, rules)
        if row.get(PAYOUT_ID):
            paid[currency, row[PAYOUT_ID]] = _day(row, _column(row, EFFECTIVE_AT, "created"), number, rules)
    if not statements:
        raise refuse("The report has no rows. Download it for a period with payouts.")
    for (currency, payout), paid_on in paid.items():
        _keep_payout(statements[currency], payout, paid_on)
    return tuple(statement.done() for statement in statements.values())


def _keep(statement: Statement, row: Row, number: int, rules: Rules) -> None:
    gross, fee, net = (_money(row, name, number, statement.currency) for name in ("gross", "fee", "net"))
    identity, category = _must(row, "balance_transaction_id", number), _must(row, "reporting_category", number)
    kind = kind_of(category, gross.minor)
    payout = row.get(PAYOUT_ID, "")
    charge, intent = row.get("charge_id", ""), row.get("payment_intent_id", "")
    order = next(
        (row[f"payment_metadata[{key}]"] for key in rules.reference_keys if row.get(f"payment_metadata[{key}]")), ""
    )
    booked_on = _day(row, _column(row, "created"), number, rules)
    if kind is RowKind.PAYOUT:
        payout = row.get("source_id", "") or payout
    statement.control(f"Net of {identity}", net, gross - fee)
    if gross or not fee:
        is_tax = category == TAX
        statement.add(
            kind,
            gross,
            key=identity,
            booked_on=booked_on,
            native_kind=category,
            reference="" if kind is RowKind.PAYOUT else order or intent,
            provider_reference=charge or row.get("source_id", ""),
            payout_reference=payout,
            vat_code=rules.fee_vat_code if is_tax else "",
            fee_vat=gross if is_tax else None,
            description=TEXTS.get(category, ""),
        )
    statement.fee(
        -fee,
        key=f"{identity}:fee",
        booked_on=booked_on,
        native_kind="fee",
        reference=order or intent,
        provider_reference=charge or row.get("source_id", ""),
        payout_reference=payout,
    )


def _keep_payout(statement: Statement, payout: str, paid_on: date) -> None:
    own = [row for row in statement.rows if row.kind is RowKind.PAYOUT and row.payout_reference == payout]
    if own:
        statement.pay(payout, -own[0].amount, paid_on, has_row=False)
        return
    statement.note("The report does not state what was paid out: the sum of a payout's rows is taken.")
    statement.pay(payout, statement.sum_of(payout), paid_on)


def _column(row: Row, *stems: str) -> str:
    """Give the name of a time's column; Stripe ends it with _utc, or leaves it in the chosen zone."""
    names = [f"{stem}{end}" for stem in stems for end in ("_utc", "")]
    return next((name for name in names if row.get(name)), names[0])


def _day(row: Row, name: str, number: int, rules: Rules) -> date:
    text = _must(row, name, number)
    if name.endswith("_utc"):
        return parse_moment(text, f"row {number}").astimezone(rules.zone).date()
    try:
        return datetime.fromisoformat(text).date()
    except ValueError as error:
        raise refuse(f"Expected a time such as 2026-11-20 11:00:00, found {text[:60]!r}.", f"row {number}") from error


def _must(row: Row, name: str, number: int) -> str:
    found = row.get(name, "")
    if not found:
        raise refuse(f"Row {number} has no {name}. Download the report again with all columns.")
    return found


def _money(row: Row, name: str, number: int, currency: str) -> Money:
    return money(_must(row, name, number), currency, f"row {number} {name}")
