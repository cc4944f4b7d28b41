"""What our own vouchers say on a clearing account, payment by payment, payout by payout."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import QuerySet

from backoffice.clients.models import Client
from backoffice.contracts.sales import SaleKind
from backoffice.ledger.clearing import ClearingPosting
from backoffice.ledger.money import Money
from backoffice.sales.models import DayClosing, Payment
from backoffice.settlements.models import Payout, ProviderAccount
from backoffice.vouchers.models import Posting, SourceType
from backoffice.vouchers.states import GONE, VoucherState

IDS_A_QUERY = 500
Clears = Callable[[int, str], bool]


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """A payment on the clearing account. names are what a person may know it by, the best first."""

    id: int
    amount_minor: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VoucherLine:
    """What a voucher says on the clearing account, all its lines there together."""

    voucher_id: int
    source_type: str
    state: str
    dated_on: date
    amount_minor: int
    title: str

    @property
    def is_posted(self) -> bool:
        """Say whether it stands in the books, and is not only on its way."""
        return self.state == VoucherState.POSTED


@dataclass(slots=True)
class ClearingBooks:
    """All vouchers on a clearing account up to a day, and which payments and payouts each carries.

    days: the days whose sum could not be told payment by payment, as a till's Z report; rows of these days are
    compared with the sum.
    """

    lines: list[VoucherLine]
    payments: dict[int, list[PaymentLine]] = field(default_factory=dict)
    payouts: dict[int, str] = field(default_factory=dict)
    days: dict[int, date] = field(default_factory=dict)

    def total_minor(self, *, before: date | None = None, through: date | None = None, only_posted: bool = False) -> int:
        """Add up the account before a day, or through one."""
        return sum(
            line.amount_minor
            for line in self.lines
            if (before is None or line.dated_on < before)
            and (through is None or line.dated_on <= through)
            and (line.is_posted or not only_posted)
        )

    def postings(self, currency: str, name_of: Callable[[PaymentLine], str]) -> Iterator[ClearingPosting]:
        """Give the account's postings, each under the reference by which the provider's rows find it."""
        for line in self.lines:
            if line.voucher_id in self.payments:
                for payment in self.payments[line.voucher_id]:
                    amount = Money(payment.amount_minor, currency)
                    yield ClearingPosting(f"payment {payment.id}", amount, line.dated_on, name_of(payment))
                continue
            day = self.days.get(line.voucher_id)
            reference = self.payouts.get(line.voucher_id) or (day.isoformat() if day else line.title)
            amount = Money(line.amount_minor, currency)
            yield ClearingPosting(f"voucher {line.voucher_id}", amount, line.dated_on, reference)


def own_reference(voucher_id: int) -> str:
    """Name a voucher that took rows in without a payout, so that its rows find it."""
    return f"voucher {voucher_id}"


def read_books(
    client: Client, accounts: Sequence[ProviderAccount], number: str, *, horizon: date, clears: Clears
) -> ClearingBooks:
    """Read a clearing account from our vouchers, those on their way too. clears: whether a method goes there."""
    currency = accounts[0].currency
    books = ClearingBooks(_lines(client, number, currency, horizon))
    ids = [line.voucher_id for line in books.lines if line.source_type != SourceType.PAYOUT]
    of_voucher: dict[int, list[PaymentLine]] = defaultdict(list)
    for portion in portions(ids):
        rows = Payment.objects.filter(voucher__in=portion, is_cancelled=False, currency=currency)
        for voucher_id, payment in _payment_lines(rows, clears):
            of_voucher[voucher_id].append(payment)
    _read_closings(books, of_voucher, clears, currency)
    for line in books.lines:
        payments = of_voucher.get(line.voucher_id, [])
        if payments and sum(payment.amount_minor for payment in payments) == line.amount_minor:
            books.payments[line.voucher_id] = payments
            books.days.pop(line.voucher_id, None)
        elif line.source_type == SourceType.SALES_DAY or payments:
            books.days.setdefault(line.voucher_id, line.dated_on)
    settled = [line.voucher_id for line in books.lines if line.source_type == SourceType.PAYOUT]
    for portion in portions(settled):
        found = Payout.objects.filter(voucher__in=portion).values_list("voucher_id", "reference")
        books.payouts.update({voucher_id: reference for voucher_id, reference in found if voucher_id})
    for voucher_id in settled:
        books.payouts.setdefault(voucher_id, own_reference(voucher_id))
    return books


def portions(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Cut ids into portions of one query each."""
    for start in range(0, len(ids), IDS_A_QUERY):
        yield ids[start : start + IDS_A_QUERY]


def _lines(client: Client, number: str, currency: str, horizon: date) -> list[VoucherLine]:
    postings = Posting.objects.filter(ledger_account=number, currency=currency, voucher__client=client)
    postings = postings.filter(voucher__dated_on__lte=horizon).exclude(voucher__state__in=GONE)
    names = ("voucher_id", "voucher__source_type", "voucher__state", "voucher__dated_on", "voucher__description")
    sums: Counter[tuple[int, str, str, date, str]] = Counter()
    for *about, amount in postings.order_by("voucher_id").values_list(*names, "amount_minor"):
        sums[tuple(about)] += amount
    return [
        VoucherLine(voucher_id, source_type, state, dated_on, amount, title)
        for (voucher_id, source_type, state, dated_on, title), amount in sums.items()
    ]


def _payment_lines(rows: QuerySet[Payment], clears: Clears) -> Iterator[tuple[int, PaymentLine]]:
    names = ("voucher_id", "id", "sales_point_id", "method", "amount_minor", "reference", "sale_reference")
    found = rows.order_by("id").values_list(*names, "sale__reference")
    for voucher_id, key, point_id, method, amount, reference, sale, known_sale in found:
        if clears(point_id, method):
            names_of = tuple(dict.fromkeys(name for name in (sale, known_sale, reference) if name))
            yield voucher_id or 0, PaymentLine(key, amount, names_of)


def _read_closings(
    books: ClearingBooks, of_voucher: dict[int, list[PaymentLine]], clears: Clears, currency: str
) -> None:
    """Give each till's voucher the payments of the cash sales behind it, where the sales system reported them."""
    ids = [line.voucher_id for line in books.lines if line.source_type == SourceType.DAY_CLOSING]
    days: dict[tuple[int, date], int] = {}
    for portion in portions(ids):
        closings = DayClosing.objects.filter(voucher__in=portion)
        for voucher_id, point_id, day in closings.values_list("voucher_id", "sales_point_id", "closed_on"):
            if voucher_id:
                days[point_id, day] = voucher_id
                books.days[voucher_id] = day
    if not days:
        return
    cash = Payment.objects.filter(
        sale__kind=SaleKind.CASH_SALE,
        sales_point__in={point_id for point_id, _ in days},
        paid_on__range=(min(day for _, day in days), max(day for _, day in days)),
        is_cancelled=False,
        currency=currency,
    )
    paid_on = dict(cash.values_list("id", "paid_on"))
    points = dict(cash.values_list("id", "sales_point_id"))
    for _, payment in _payment_lines(cash, clears):
        at = days.get((points[payment.id], paid_on[payment.id]))
        if at is not None:
            of_voucher[at].append(payment)
