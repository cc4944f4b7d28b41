"""Worked examples of Norwegian accounting, posted as a webshop reports them: the books hold exactly those amounts."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from backoffice.contracts.sales import (
    IssuedCreditNote,
    IssuedInvoice,
    PaymentDetails,
    RefundDetails,
    RefundLineDetails,
    SaftBatch,
    SaleLineDetails,
)
from backoffice.ledger.money import Money
from backoffice.ledger.vat import split_gross
from backoffice.sales.services import record_refund
from tests.world import World, asked

FILE = Path(__file__).resolve().parents[3] / "shared/data/norway/worked_examples.json"
#: what a webshop can report; payouts, counted cash and tills come on other routes
EXAMPLES = ("web-card-net", "web-mixed-shipping", "partial-refund", "gift-card", "tips", "gross-settlement", "ioss")
SALES = ("order ", "gift card ", "sales", "Z report")
CREDITS = ("credit note ",)
#: where customers' money stands; the other accounts of a sale are what was sold
CLEARING = ("159", "2901")
RATES = {"3": "25.00", "31": "15.00", "0": "0.00", "52": "0.00"}

pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the examples are not here")

Line = dict[str, Any]


def examples() -> dict[str, Any]:
    return {one["id"]: one for one in json.loads(FILE.read_text(encoding="utf-8"))["examples"]}


def minor(line: Line, name: str = "amount") -> int:
    return Money.parse(line.get(name, "0"), "NOK").minor


def documents(example: Any) -> list[Any]:
    """Give the documents of an example that a webshop's reports lead to."""
    return [one for one in example["vouchers"] if one["doc"].startswith((*SALES, *CREDITS))]


def is_payment(line: Line, *, sign: int) -> bool:
    return str(line["account"]).startswith(CLEARING) and minor(line) * sign > 0


def map_accounts(world: World, example: Any) -> None:
    for line in [line for one in documents(example) for line in one["lines"]]:
        account, code = line["account"], line["vat_code"]
        world.map_method(f"means-{account}", account)
        world.map_group(f"group-{account}-{code}", RATES[code], account, code)


def line_of(place: int, line: Line) -> SaleLineDetails:
    rate, gross = Decimal(RATES[line["vat_code"]]), Money(-minor(line), "NOK")
    group = f"group-{line['account']}-{line['vat_code']}"
    return SaleLineDetails(str(place), line["text"], gross, split_gross(gross, rate).vat, rate, group=group)


def payments_of(document: Any, reference: str, at: datetime, *, sign: int) -> tuple[PaymentDetails, ...]:
    found = [line for line in document["lines"] if is_payment(line, sign=sign)]
    return tuple(
        PaymentDetails(f"{reference}-{place}", f"means-{line['account']}", Money(minor(line), "NOK"), at)
        for place, line in enumerate(found)
    )


def report(world: World, document: Any, sold: dict[str, str]) -> None:
    """Report one document as its sale or refund; sold remembers which sale has which number."""
    at = datetime.fromisoformat(document["date"]).replace(hour=11, tzinfo=UTC)
    words = document["doc"].split()
    if document["doc"].startswith(CREDITS):
        number, sale = words[2], sold[words[-1]]
        lines = [line for line in document["lines"] if not is_payment(line, sign=-1)]
        amount = Money(sum(minor(line) for line in lines), "NOK")
        returned = tuple(
            RefundLineDetails(str(n), Money(minor(ln), "NOK"), Decimal(1)) for n, ln in enumerate(lines, 1)
        )
        note = IssuedCreditNote(number) if world.shop.invoice_issuer == "sales_system" else None
        money = payments_of(document, number, at, sign=-1)
        refund = RefundDetails(number, sale, at, amount, returned, payments=money, credit_note=note)
        record_refund(sales_point=world.shop, refund=refund, event=None)
        return
    reference = words[1] if len(words) > 1 and words[1].isdigit() else document["doc"].replace(" ", "-")
    sold[reference] = reference
    lines = [line for line in document["lines"] if not is_payment(line, sign=1)]
    own: dict[str, Any] = {}
    if world.shop.invoice_issuer == "sales_system":
        own["invoice"] = IssuedInvoice(f"F-{reference}"[:30], date.fromisoformat(document["date"]))
    if world.shop.batch_journal:
        own["saft"] = SaftBatch(f"B-{document['date']}", "shop")
    world.sell(
        reference,
        -sum(minor(line) for line in lines),
        sold_at=at,
        lines=tuple(line_of(place, line) for place, line in enumerate(lines, 1)),
        payments=payments_of(document, reference, at, sign=1),
        **own,
    )


@pytest.mark.parametrize("way", ["accounting_system", "sales_system", "batches"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_books_hold_exactly_what_the_example_says(world: World, name: str, way: str) -> None:
    if way == "batches":
        world.shop.saft_reporter, world.shop.batch_journal = "sales_system", "cash"
    world.shop.invoice_issuer = "sales_system" if way == "batches" else way
    world.shop.save()
    example = examples()[name]
    map_accounts(world, example)
    sold: dict[str, str] = {}
    for document in documents(example):
        report(world, document, sold)

    for _ in range(2):
        world.post_everything()

    expected: Counter[str] = Counter()
    for line in [line for one in documents(example) for line in one["lines"]]:
        expected[str(line["account"])] += minor(line) - minor(line, "vat_in_amount")
        expected["VAT"] += minor(line, "vat_in_amount")
    proof = next(iter(asked(world.sandbox, "proof").values()))
    there: Counter[str] = Counter()
    for account, amount in proof["balances"].items():
        there["VAT" if account.startswith("27") else account] += Money.parse(str(amount), "NOK").minor
    assert {key: value for key, value in there.items() if value} == {
        key: value for key, value in expected.items() if value
    }
    assert (proof["open_items"], proof["duplicates"], proof["sales_orders_open"]) == (0, [], 0)
