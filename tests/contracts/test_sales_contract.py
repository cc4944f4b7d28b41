"""What every sales channel promises, over its stand-in. A channel is added in sales_cases.py."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, fields, replace
from datetime import timedelta

import pytest

from backoffice.contracts.errors import Misconfigured, UnreadablePayload, WebhookRefused
from backoffice.contracts.sales import Ignored, PaymentDetails, SaleDetails, SalesEvent, WebhookRequest
from backoffice.ledger.sale_totals import TaxedAmount, check_total, vat_differences
from backoffice.ledger.vat import parse_rate
from tests.contracts.sales_cases import CASES, SalesCase
from tests.integrations.woocommerce.shop import make_runtime

MAX_KEY_CHARACTERS = 200


@pytest.fixture(params=sorted(CASES), scope="module")
def case(request: pytest.FixtureRequest) -> Iterator[SalesCase]:
    """Run one channel's stand-in for all tests of this file."""
    with CASES[request.param]() as running:
        yield running


def read(case: SalesCase, request: WebhookRequest) -> tuple[SalesEvent, ...]:
    """Read a webhook."""
    return case.channel.parse(request.body, request.headers)


def sale_of(case: SalesCase, request: WebhookRequest) -> SaleDetails:
    """Read the one sale in a webhook."""
    (sale,) = (one for one in read(case, request) if isinstance(one, SaleDetails))
    return sale


def test_it_says_what_it_is(case: SalesCase) -> None:
    assert case.channel.name.islower()
    assert case.channel.label
    assert case.channel.capabilities


def test_every_setting_draws_its_own_form(case: SalesCase) -> None:
    for setting in fields(case.channel.Config):
        assert setting.metadata["label"], setting.name
        assert isinstance(setting.metadata["is_secret"], bool)
    secrets = {setting.name for setting in fields(case.channel.Config) if setting.metadata["is_secret"]}
    assert secrets & set(case.values), "what verifies a webhook is a secret"


def test_each_missing_setting_is_named(case: SalesCase) -> None:
    for setting in fields(case.channel.Config):
        if setting.default is MISSING and setting.default_factory is MISSING:
            given = {name: value for name, value in case.values.items() if name != setting.name}
            with pytest.raises(Misconfigured, match=setting.metadata["label"]):
                type(case.channel).build(given, make_runtime())


def test_a_genuine_webhook_is_accepted(case: SalesCase) -> None:
    for request in case.sales:
        case.channel.verify(request)
    case.channel.verify(case.unimportant)


def test_a_changed_or_bare_webhook_is_refused_in_words(case: SalesCase) -> None:
    genuine = case.sales[0]
    for false in (
        replace(genuine, body=genuine.body[:-1] + b" "),
        replace(genuine, body=case.sales[1].body),
        replace(genuine, headers={}),
    ):
        with pytest.raises(WebhookRefused) as caught:
            case.channel.verify(false)
        assert str(caught.value).endswith(".")


def test_a_replay_has_the_same_key_and_nothing_else_has(case: SalesCase) -> None:
    keys = [case.channel.event_key(request) for request in case.sales]
    assert keys == [case.channel.event_key(request) for request in case.sales]
    assert len(set(keys) - {""}) == len(keys) - keys.count("")
    assert max(map(len, keys)) <= MAX_KEY_CHARACTERS


def test_the_same_bytes_give_the_same_result(case: SalesCase) -> None:
    for request in case.sales:
        assert read(case, request) == read(case, request)


def test_each_sale_adds_up_and_its_vat_is_right(case: SalesCase) -> None:
    for request in case.sales:
        sale = sale_of(case, request)
        check_total([line.gross for line in sale.lines], sale.total, rounding=sale.rounding, tip=sale.tip)
        vat_differences([TaxedAmount(one.gross, one.vat, one.vat_rate) for one in sale.lines], sale.currency)
        for line in sale.lines:
            assert line.vat_rate == parse_rate(line.vat_rate)
            assert line.gross.minor * line.quantity >= 0


def test_references_tell_lines_and_payments_apart(case: SalesCase) -> None:
    sales = [sale_of(case, request) for request in case.sales]
    assert len({sale.reference for sale in sales}) == len(sales)
    for sale in sales:
        assert sale.reference
        assert len({line.reference for line in sale.lines}) == len(sale.lines)
    payments = [one.reference for sale in sales for one in sale.payments]
    assert len(set(payments)) == len(payments)
    assert payments


def test_times_are_aware_and_amounts_of_one_currency(case: SalesCase) -> None:
    for request in case.sales:
        sale = sale_of(case, request)
        assert sale.sold_at.tzinfo is not None
        assert {line.gross.currency for line in sale.lines} == {sale.currency, sale.total.currency}
        for payment in sale.payments:
            assert payment.paid_at.tzinfo is not None
            assert isinstance(payment, PaymentDetails)
            assert (payment.sale_reference, payment.matching_reference, payment.invoice_number) == (
                "",
                "",
                "",
            )


def test_payments_are_never_more_than_the_sale(case: SalesCase) -> None:
    for request in case.sales:
        sale = sale_of(case, request)
        assert sum(one.amount.minor for one in sale.payments) in (0, sale.total.minor)


def test_a_later_version_has_a_higher_revision_and_the_same_content(case: SalesCase) -> None:
    first, later = sale_of(case, case.sales[0]), sale_of(case, case.changed)
    assert later.revision > first.revision
    assert replace(later, revision=first.revision) == first


def test_what_is_no_sale_is_ignored_with_the_reason(case: SalesCase) -> None:
    (found,) = read(case, case.unimportant)
    assert isinstance(found, Ignored)
    assert found.why.endswith(".")


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"\xff", b"<html></html>", b"[" * 50_000])
def test_what_cannot_be_read_is_refused_and_nothing_else_is_raised(case: SalesCase, body: bytes) -> None:
    with pytest.raises(UnreadablePayload) as caught:
        case.channel.parse(body, case.sales[0].headers)
    assert caught.value.message.endswith(".")


def test_catching_up_gives_every_sale_once_oldest_first(case: SalesCase) -> None:
    found = list(case.channel.changed_since(case.since))
    assert len({one.key for one in found}) == len(found)
    assert [one.changed_at for one in found] == sorted(one.changed_at for one in found)
    polled = {
        one.reference: one
        for payload in found
        for one in case.channel.parse(payload.body, {})
        if isinstance(one, SaleDetails)
    }
    pushed = {sale_of(case, request).reference: sale_of(case, request) for request in (*case.sales, case.changed)}
    assert polled == pushed


def test_catching_up_from_now_on_gives_nothing(case: SalesCase) -> None:
    last = max(one.changed_at for one in case.channel.changed_since(case.since))
    assert list(case.channel.changed_since(last + timedelta(seconds=1))) == []
