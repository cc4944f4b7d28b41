"""What people may ask for, and what one fix sets free."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from backoffice.audit.models import AuditEntry
from backoffice.audit.services import Actor
from backoffice.chart.models import BookLimits
from backoffice.clients.models import Membership, User
from backoffice.contracts.sales import PaymentDetails
from backoffice.ledger.money import Money
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.services import (
    ContentChanged,
    NotAllowed,
    approve,
    approve_many,
    hold,
    release,
    resend,
    withdraw,
)
from backoffice.worker.jobs import place_payments, route_sales
from backoffice.workflows.services import (
    close_days,
    move_to_first_open_day,
    rebuild_voucher,
    release_cause,
    route_again,
)
from tests.world import SOLD_AT, TESTER, World, sale_details


def make_person(world: World, role: str = "bookkeeper", **membership: int) -> Actor:
    """Give somebody with a role at the client."""
    user = User.objects.create_user(f"{role}{User.objects.count()}", password="a long password")
    Membership.objects.create(user=user, client=world.client, role=role, **membership)
    return Actor.person(user)


def test_one_mapping_frees_every_voucher_that_waited_for_it(world: World) -> None:
    for number in range(3):
        world.sell(f"10{number}", method="swish")
    world.drain()
    day = Voucher.objects.get(kind="bank_journal")
    assert [reason["code"] for reason in day.reasons] == ["payment_method_unmapped"]
    assert day.state == "blocked"

    world.map_method("swish", "1905")
    released = release_cause(client=world.client, code="payment_method_unmapped", subject="swish", actor=TESTER)

    day.refresh_from_db()
    assert released.rebuilt == 1
    assert day.state == "awaiting_approval"


def test_an_unmapped_group_blocks_its_sale_and_says_so(world: World) -> None:
    line = replace(sale_details().lines[0], vat_rate=Decimal("15.00"), group="food")
    world.sell(lines=(line,), paid=False)
    world.drain()

    voucher = Voucher.objects.get()
    assert voucher.state == "blocked"
    assert voucher.reasons[0]["code"] == "group_unmapped"
    assert "food" in voucher.reasons[0]["detail"]


def test_a_voucher_that_changed_since_it_was_seen_is_not_approved(world: World) -> None:
    world.sell(paid=False)
    world.drain()
    voucher = Voucher.objects.get()

    with pytest.raises(ContentChanged):
        approve(voucher_id=voucher.pk, actor=TESTER, seen_sha256="0" * 64)

    approve(voucher_id=voucher.pk, actor=TESTER, seen_sha256=voucher.content_sha256)


def test_four_eyes_keep_the_editor_from_approving(world: World) -> None:
    world.client.four_eyes = True
    world.client.save()
    world.sell(paid=False)
    world.drain()
    voucher = Voucher.objects.get()
    editor, other = make_person(world), make_person(world)
    world.map_group("*", "25.00", "3020", "3")
    rebuild_voucher(voucher_id=voucher.pk, actor=editor)

    with pytest.raises(NotAllowed, match="somebody else"):
        approve(voucher_id=voucher.pk, actor=editor)
    approve(voucher_id=voucher.pk, actor=other)


@pytest.mark.parametrize(
    ("role", "limit", "may"), [("auditor", None, False), ("approver", 10_000, False), ("approver", None, True)]
)
def test_roles_and_limits_decide_who_approves(world: World, role: str, limit: int | None, may: bool) -> None:
    world.sell(paid=False)
    world.drain()
    actor = make_person(world, role, **({"approve_up_to_minor": limit} if limit else {}))

    result = approve_many(selection={Voucher.objects.get().pk: ""}, actor=actor)

    assert bool(result.done) is may


def test_held_vouchers_stay_held_when_they_are_rebuilt(world: World) -> None:
    world.sell(paid=False)
    world.drain()
    voucher = hold(voucher_id=Voucher.objects.get().pk, actor=TESTER, reason="ask the shop")

    assert rebuild_voucher(voucher_id=voucher.pk, actor=TESTER).state == "held"
    assert release(voucher_id=voucher.pk, actor=TESTER).state == "awaiting_approval"


def test_resend_is_refused_where_it_might_post_twice(world: World) -> None:
    world.sell(paid=False)
    world.drain()
    world.approve_all()
    Voucher.objects.update(state="in_doubt")

    with pytest.raises(NotAllowed, match="Check now"):
        resend(voucher_id=Voucher.objects.get().pk, actor=TESTER)
    with pytest.raises(NotAllowed, match="over there"):
        withdraw(voucher_id=Voucher.objects.get().pk, actor=TESTER, reason="x")


def test_a_day_closes_at_the_clients_cutoff_in_its_own_zone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    payment = PaymentDetails("v-1", "vipps", Money(12_500, "NOK"), now)
    world.sell(sold_at=now, payments=(payment,))
    world.drain()
    voucher = Voucher.objects.get(kind="bank_journal")
    assert voucher.state == "draft"
    assert close_days(actor=TESTER) == []

    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(days=2))

    assert [one.pk for one in close_days(actor=TESTER)] == [voucher.pk]


def test_a_locked_voucher_moves_when_a_person_says_so(world: World) -> None:
    BookLimits.objects.update(locked_through=date(2026, 11, 25))
    world.sell(paid=False)
    world.drain()
    voucher = Voucher.objects.get()
    assert voucher.reasons[0]["code"] == "locked_period"

    moved = move_to_first_open_day(voucher_id=voucher.pk, actor=TESTER)

    assert (moved.state, moved.dated_on, moved.original_dated_on) == (
        "awaiting_approval",
        date(2026, 11, 26),
        SOLD_AT.date(),
    )


def test_a_sale_without_a_route_goes_on_after_the_sales_point_was_mended(world: World) -> None:
    world.shop.invoice_issuer = "sales_system"
    world.shop.save()
    sale = world.sell(paid=False)
    world.drain()
    sale.refresh_from_db()
    assert sale.state == "needs_person"

    world.shop.invoice_issuer = "accounting_system"
    world.shop.save()

    assert route_again(sale_id=sale.pk, actor=TESTER).voucher is not None


def test_automatic_approval_up_to_an_amount(world: World) -> None:
    world.client.approval, world.client.automatic_up_to_minor = "automatic_up_to", 10_000
    world.client.save()
    world.sell("small", 9_999, paid=False)
    world.sell("large", 10_001, paid=False)
    world.drain()
    world.settle()

    states = dict(Voucher.objects.values_list("description", "state"))
    assert states == {"Nettbutikk small": "posted", "Nettbutikk large": "awaiting_approval"}


def test_every_move_of_a_voucher_is_in_the_audit_trail(world: World) -> None:
    world.sell(paid=False)
    world.post_everything()

    actions = list(AuditEntry.objects.filter(subject_type="voucher").order_by("id").values_list("action", flat=True))
    assert (
        actions
        == [
            "voucher.drafted",
            "voucher.approved",
            "voucher.sending",
            "voucher.ordered",
            "voucher.taken_in",
            "voucher.posted",
        ]
        or actions[-1] == "voucher.paper_fetched"
    )


def test_a_day_to_which_a_payment_has_just_come_is_not_approved_without_it(world: World) -> None:
    world.sell("1001")
    world.drain()
    day = Voucher.objects.get(source_type="payment_day")
    world.sell("1002")
    route_sales(world.client)
    place_payments(world.client)
    with pytest.raises(ContentChanged, match="drafted again"):
        approve(voucher_id=day.pk, actor=TESTER)
    world.post_everything()
    assert world.wrong_in_the_books(sales=2, clearing={"1903": 25_000}) == []
