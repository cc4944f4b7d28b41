"""The decision table: one sale, one route; what is not decided says what to do."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from backoffice.contracts.sales import SaleKind
from backoffice.workflows.routing import Answers, Route, decide

WEBSHOP = Answers(
    country="NO",
    sales_point_kind="webshop",
    invoice_issuer="accounting_system",
    saft_reporter="accounting_system",
    batch_journal="",
    sale_kind=SaleKind.INVOICE_SALE,
    has_invoice=False,
    has_saft=False,
)
SELF_ISSUED = replace(WEBSHOP, invoice_issuer="sales_system")
BATCHES = replace(SELF_ISSUED, saft_reporter="sales_system", batch_journal="cash", has_saft=True)


@pytest.mark.parametrize(
    ("answers", "route"),
    [
        (WEBSHOP, Route.SALES_ORDER),
        (replace(WEBSHOP, sales_point_kind="pos"), Route.SALES_ORDER),
        (replace(WEBSHOP, has_invoice=True), Route.UNDECIDED),
        (replace(WEBSHOP, sale_kind=SaleKind.CASH_SALE), Route.UNDECIDED),
        (replace(WEBSHOP, sale_kind=SaleKind.CASH_SALE, sales_point_kind="pos"), Route.DAY_CLOSING),
        (replace(SELF_ISSUED, has_invoice=True), Route.OUTGOING_INVOICE),
        (SELF_ISSUED, Route.UNDECIDED),
        (BATCHES, Route.SALES_DAY),
        (replace(BATCHES, has_saft=False), Route.UNDECIDED),
        (replace(BATCHES, batch_journal=""), Route.UNDECIDED),
        (replace(WEBSHOP, country="PL"), Route.UNDECIDED),
        (replace(WEBSHOP, invoice_issuer="back_office"), Route.UNDECIDED),
    ],
)
def test_each_row_of_the_table(answers: Answers, route: Route) -> None:
    assert decide(answers).route is route


def test_every_combination_is_answered_and_an_undecided_one_says_what_to_do() -> None:
    kinds, flags = list(SaleKind), (True, False)
    issuers = ("accounting_system", "sales_system", "back_office")
    for country, point, issuer, saft, journal, kind, invoice, batch in product(
        ("NO", "PL"), ("webshop", "pos"), issuers, issuers[:2], ("", "cash"), kinds, flags, flags
    ):
        decision = decide(Answers(country, point, issuer, saft, journal, kind, invoice, batch))
        assert decision.why.endswith(".")
        if decision.route is Route.UNDECIDED:
            assert any(word in decision.why for word in ("Change", "Send", "send", "Choose", "Keep"))
