"""An office for tests of pages: two clients with a chart and rules, people in every role, sales with vouchers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from backoffice.audit.services import Actor
from backoffice.chart.mapping import set_payment_rule, set_sales_rule
from backoffice.chart.models import BookLimits, LedgerAccount, VatCode
from backoffice.clients.models import Client, Membership, Role, SalesPoint, User
from backoffice.connections.models import Connection, Delivery, InboundEvent
from backoffice.contracts.errors import Reason
from backoffice.contracts.sales import Address, CustomerDetails, PaymentDetails, SaleDetails, SaleKind, SaleLineDetails
from backoffice.ledger.money import Money
from backoffice.ledger.vat import split_gross
from backoffice.sales.models import Sale
from backoffice.sales.services import record_sale
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.services import advance, approve, fail
from backoffice.vouchers.states import VoucherState
from backoffice.workflows.services import payment_recorded, rebuild_dirty, sale_recorded

PASSWORD = "correct-horse-7"
OFFICE = Actor.system("test")
ACCOUNTS = (
    ("1500", "Kundefordringer", "", True),
    ("1903", "Vipps oppgjør", "", True),
    ("1904", "Klarna oppgjør", "", True),
    ("1910", "Kortterminal", "", True),
    ("1920", "Bank", "", True),
    ("3000", "Salgsinntekt høy sats", "3", True),
    ("3001", "Salg matvarer", "31", True),
    ("3010", "Salg møbler", "3", False),
    ("7740", "Øreavrunding", "0", True),
)
VAT_CODES = (("0", "0"), ("3", "25"), ("31", "15"))


@dataclass
class Office:
    """`client` has work in every state; `other` belongs to somebody else."""

    client: Client = field(init=False)
    other: Client = field(init=False)
    shop: SalesPoint = field(init=False)
    connection: Connection = field(init=False)
    people: dict[str, User] = field(init=False)

    def __post_init__(self) -> None:
        self.client, self.shop, self.connection = make_client("nordlys", "Nordlys Butikk AS")
        self.other, _shop, _connection = make_client("fjord", "Fjord Kaffe AS")
        self.people = {}
        for role in Role.values:
            user = User.objects.create_user(role, f"{role}@example.com", PASSWORD, first_name=role.title())
            Membership.objects.create(user=user, client=self.client, role=role)
            self.people[role] = user
        stranger = User.objects.create_user("stranger", "stranger@example.com", PASSWORD)
        Membership.objects.create(user=stranger, client=self.other, role=Role.ADMINISTRATOR)
        self.people["stranger"] = stranger
        self.people["nobody"] = User.objects.create_user("nobody", "nobody@example.com", PASSWORD)
        self.people["superuser"] = User.objects.create_superuser("root", "root@example.com", PASSWORD)

    def sell(self, reference: str, *, group: str = "furniture", rate: int = 25, gross_minor: int = 12_500_00,
             method: str = "vipps", email: str = "kunde@example.com", name: str = "Ola Hansen",
             on: date | None = None) -> Sale:  # fmt: skip
        """Record a sale with its payment and let its vouchers be drafted."""
        at = datetime.combine(on or timezone.localdate(), datetime.min.time(), tzinfo=UTC) + timedelta(hours=10)
        gross = Money(gross_minor, "NOK")
        vat = split_gross(gross, Decimal(rate)).vat
        line = SaleLineDetails("1", "Stol", gross, vat, Decimal(rate), group=group)
        customer = CustomerDetails(name, email=email, address=Address("Storgata 1", "", "0155", "Oslo"))
        payment = PaymentDetails(f"{method}-{reference}", method, gross, at)
        details = SaleDetails(
            reference, SaleKind.INVOICE_SALE, at, "NOK", customer, (line,), gross, payments=(payment,)
        )
        event = InboundEvent.objects.create(
            client=self.client, sales_point=self.shop, source="webhook", topic="order.updated", event_key=reference,
            body=b'{"note": "<script>alert(1)</script>"}', body_sha256="0" * 64, received_at=at, state="processed",
        )  # fmt: skip
        sale = record_sale(sales_point=self.shop, sale=details, event=event).sale
        sale_recorded(sale_id=sale.pk)
        for paid in sale.payments.all():
            payment_recorded(payment_id=paid.pk)
        rebuild_dirty(self.client)
        sale.refresh_from_db()
        return sale

    def voucher_of(self, sale: Sale) -> Voucher:
        """Give the sale's voucher as it stands."""
        return Voucher.objects.get(sales=sale)

    def to_approve(self, reference: str = "1001", **values: Any) -> Voucher:
        """Give a voucher that waits for approval."""
        return self.voucher_of(self.sell(reference, **values))

    def approved(self, reference: str) -> tuple[Voucher, Delivery]:
        """Give an approved voucher and its delivery."""
        voucher = approve(voucher_id=self.to_approve(reference).pk, actor=OFFICE)
        return voucher, voucher.deliveries.get()

    def failed(self, reference: str = "2001", code: str = "refused", subject: str = "") -> Voucher:
        """Give a voucher that the other side refused."""
        voucher, delivery = self.approved(reference)
        reason = Reason(code, "Account 3010 does not exist.", subject)
        Delivery.objects.filter(pk=delivery.pk).update(
            state="failed", reasons=[{"code": code, "detail": reason.detail, "subject": subject}], attempts=1
        )
        advance(voucher=voucher, to=VoucherState.SENDING, actor=OFFICE, action="voucher.sending")
        fail(voucher=voucher, reasons=(reason,), actor=OFFICE)
        return voucher

    def in_doubt(self, reference: str = "2002") -> Voucher:
        """Give a voucher whose answer did not come back."""
        voucher, delivery = self.approved(reference)
        Delivery.objects.filter(pk=delivery.pk).update(
            state="in_doubt", doubted_at=timezone.now(), next_attempt_at=timezone.now() + timedelta(minutes=3)
        )
        advance(voucher=voucher, to=VoucherState.SENDING, actor=OFFICE, action="voucher.sending")
        advance(voucher=voucher, to=VoucherState.IN_DOUBT, actor=OFFICE, action="voucher.in_doubt")
        return voucher

    def posted(self, reference: str = "2003") -> Voucher:
        """Give a voucher that stands in the books."""
        voucher, delivery = self.approved(reference)
        now = timezone.now()
        Delivery.objects.filter(pk=delivery.pk).update(
            state="delivered", delivered_at=now, external_id="9001", receipt={"invoice_number": "10001"}
        )
        advance(voucher=voucher, to=VoucherState.SENDING, actor=OFFICE, action="voucher.sending")
        advance(voucher=voucher, to=VoucherState.POSTED, actor=OFFICE, action="voucher.posted", posted_at=now,
                external_id="9001", invoice_number="10001")  # fmt: skip
        return voucher


def make_client(key: str, name: str) -> tuple[Client, SalesPoint, Connection]:
    """Make a client with chart, rules, a webshop and a connection that is never called."""
    client = Client.objects.create(key=key, name=name, country="NO", organisation_number="923609016")
    now = timezone.now()
    for number, label, vat_code, is_active in ACCOUNTS:
        LedgerAccount.objects.create(
            client=client, external_id=number, number=number, name=label, vat_code=vat_code, is_active=is_active,
            synced_at=now,
        )  # fmt: skip
    for code, rate in VAT_CODES:
        VatCode.objects.create(
            client=client, external_id=code, code=code, name=f"Mva {rate}", rate=Decimal(rate), synced_at=now
        )
    BookLimits.objects.create(client=client, locked_through=date(2020, 12, 31), fetched_at=now)
    shop = SalesPoint.objects.create(
        client=client, key="nettbutikk", name="Nettbutikk", kind="webshop", invoice_issuer="accounting_system"
    )
    connection = Connection.objects.create(
        client=client, key="poweroffice", provider="poweroffice", settings={"environment": "sandbox"}
    )
    set_payment_rule(client=client, sales_point=None, method="vipps", ledger_account="1903", actor=OFFICE)
    set_sales_rule(
        client=client, sales_point=None, group="furniture", vat_rate=Decimal(25), ledger_account="3000", vat_code="3",
        actor=OFFICE,
    )  # fmt: skip
    return client, shop, connection
