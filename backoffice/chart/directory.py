"""The directory an adapter asks for the other side's ids, kept in our database."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone

from backoffice.chart.models import CustomerLink, Product
from backoffice.chart.validation import ChartIndex, problems_of_account
from backoffice.clients.models import Client
from backoffice.contracts import accounting
from backoffice.contracts.errors import Reason, Rejected


class ChartDirectory(accounting.Directory):
    """One client's ids. The chart is read once an instance; what is remembered is durable when the call returns."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._index: ChartIndex | None = None
        self._customers: dict[str, accounting.CustomerLink] = {}
        self._products: dict[str, accounting.ProductLink] = {}

    @property
    def index(self) -> ChartIndex:
        """The chart in memory."""
        if self._index is None:
            self._index = ChartIndex.load(self.client)
        return self._index

    def account_id(self, number: str) -> str:
        """Give a ledger account's id; raise Rejected when it is missing or inactive."""
        if reasons := problems_of_account(number, self.index, "posting"):
            raise Rejected(reasons[0].detail, reasons=reasons)
        return self.index.accounts[number].external_id

    def vat_id(self, code: str, on: date) -> str:
        """Give the id of a VAT code valid on a day; raise Rejected when there is none."""
        found = self.index.vat_code(code, on)
        if found is None:
            text = f"VAT code {code} does not exist in the books or is not valid on {on}."
            raise Rejected(text, reasons=[Reason("vat_code_missing", text, code)])
        return found.external_id

    def dimension_id(self, kind: str, code: str) -> str:
        """Give a dimension's id; raise Rejected when it is missing or inactive."""
        found = self.index.dimensions.get((kind, code))
        if found is None or not found.is_active:
            text = f"The {kind} {code} does not exist in the books, or is inactive."
            raise Rejected(text, reasons=[Reason("dimension_missing", text, code)])
        return found.external_id

    def customer(self, key: str) -> accounting.CustomerLink | None:
        """Give the customer our key is linked to."""
        if key not in self._customers:
            row = CustomerLink.objects.filter(client=self.client, key=key).first()
            if row is None:
                return None
            self._customers[key] = accounting.CustomerLink(row.external_id, row.number, row.ledger_account_id, row.name)
        return self._customers[key]

    def remember_customer(self, key: str, link: accounting.CustomerLink) -> None:
        """Link our key to a customer; when another worker was first, its link stands."""
        try:
            with transaction.atomic():
                CustomerLink.objects.create(
                    client=self.client,
                    key=key,
                    external_id=link.external_id,
                    number=link.number,
                    ledger_account_id=link.ledger_account_id,
                    name=link.name[:400],
                )
        except IntegrityError:
            self._customers.pop(key, None)
            return
        self._customers[key] = link

    def product(self, code: str) -> accounting.ProductLink | None:
        """Give the product with that code."""
        if code not in self._products:
            row = Product.objects.filter(client=self.client, code=code, is_active=True).first()
            if row is None:
                return None
            self._products[code] = accounting.ProductLink(row.external_id, row.code, row.ledger_account)
        return self._products[code]

    def remember_product(self, link: accounting.ProductLink) -> None:
        """Keep a product's id."""
        Product.objects.update_or_create(
            client=self.client,
            code=link.code,
            defaults={
                "external_id": link.external_id,
                "ledger_account": link.ledger_account,
                "name": link.code,
                "is_active": True,
                "synced_at": timezone.now(),
            },
        )
        self._products[link.code] = link
