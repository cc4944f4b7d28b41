"""PowerOffice Go as an accounting system."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, Self

from backoffice.contracts.accounting import (
    AccountingSystem,
    BookLimits,
    ChartSnapshot,
    CompanyInformation,
    Directory,
    Document,
    DocumentKind,
    OpenItem,
    Receipt,
    Request,
    SalesOrderDocument,
)
from backoffice.contracts.errors import Misconfigured, OutcomeUnknown, Permanent, Reason, Rejected
from backoffice.contracts.runtime import Runtime
from backoffice.ledger.money import Money
from integrations.exact_json import dumps
from integrations.http import Answer, Http, NotJson
from integrations.poweroffice import (
    api,
    finding,
    looking,
    preparing,
    wire_chart,
    wire_customers,
    wire_inferred,
    wire_journals,
    wire_orders,
)
from integrations.poweroffice.calls import Calls
from integrations.poweroffice.config import HOST, PROVIDER, Config, Keys, place_of
from integrations.poweroffice.wire import Row, text_of


class PowerOffice(AccountingSystem):
    """One client's books in PowerOffice Go."""

    name: ClassVar[str] = PROVIDER
    label: ClassVar[str] = "PowerOffice Go"
    Config: ClassVar[type] = Config
    capabilities: ClassVar[frozenset[str]] = frozenset(
        {"sales_orders", "journals", "outgoing_invoices", "credit_notes", "customers", "products", "chart", "reversal"}
    )

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    @classmethod
    def build(cls, values: Mapping[str, str], runtime: Runtime) -> Self:
        """Make the adapter; raise Misconfigured, naming what is missing."""
        keys = Keys.collect(values, runtime)
        place = place_of(keys.environment, runtime)
        secrets = (keys.client_key, keys.subscription_key)
        http = Http(PROVIDER, place.base_url, frozenset({HOST}), runtime.user_agent, place.is_sandbox, secrets)
        return cls(Calls(http, keys, place, runtime))

    def identify(self) -> CompanyInformation:
        """Say whose books the client key opens; a new token shows changed privileges."""
        self.calls.tokens.drop()
        information = api.client_integration_information(self.calls)
        organisation = _readable(lambda: api.organization_settings(self.calls)) or {}
        may_send = wire_chart.truth_of(information.get("AllowSendInvoice"))
        return wire_chart.company(information, text_of(organisation, "OrganizationNumber"), may_send)

    def chart(self) -> ChartSnapshot:
        """Read everything that can be mapped onto; what we may not read is named in `unreadable`."""
        unreadable: list[str] = []

        def rows(kind: str, read: Callable[[Calls], list[Row]]) -> list[Row]:
            found = _readable(lambda: read(self.calls))
            if found is None:
                unreadable.append(kind)
            return found or []

        dimensions = [
            wire_chart.dimension(kind, row)
            for kind, read in (
                ("department", api.departments),
                ("location", api.locations),
                ("project", api.projects),
            )
            for row in rows("dimensions", read)
        ]
        dimensions += [wire_chart.custom_dimension(row) for row in rows("dimensions", api.custom_dimensions)]
        return ChartSnapshot(
            accounts=tuple(map(wire_chart.account, api.general_ledger_accounts(self.calls))),
            vat_codes=tuple(map(wire_chart.vat_code, api.vat_codes(self.calls))),
            dimensions=tuple(dimensions),
            themes=tuple(map(wire_chart.theme, rows("themes", api.branding_themes))),
            payment_terms=tuple(map(wire_chart.payment_term, rows("payment_terms", api.payment_terms))),
            products=tuple(wire_customers.product_link(row) for row in rows("products", api.products)),
            limits=self.limits(),
            unreadable=tuple(dict.fromkeys(unreadable)),
        )

    def limits(self) -> BookLimits:
        """Read the lock date and the conversion date."""
        return wire_chart.book_limits(api.lock_date_settings(self.calls), api.financial_settings(self.calls))

    def prepare(self, document: Document, directory: Directory) -> Request:
        """Resolve ids, find or create customers and products, and give the bytes to send."""
        return preparing.request_for(self.calls, document, directory)

    def send(self, request: Request) -> Receipt:
        """Send the stored bytes once."""
        answer = api.post_document(self.calls, request.method, request.path, request.body)
        if request.kind is DocumentKind.INVOICE_SENDING:
            return Receipt(request.lookup["order_id"], is_final=False)
        if request.kind is DocumentKind.REVERSAL:
            return Receipt(request.lookup["voucher_id"])
        row = _object_of(answer)
        if request.kind is DocumentKind.SALES_ORDER:
            return wire_orders.order_receipt(row, request.total.currency)
        if request.kind in (DocumentKind.OUTGOING_INVOICE, DocumentKind.OUTGOING_CREDIT_NOTE):
            return wire_inferred.invoice_receipt(row, request.total.currency)
        return wire_journals.voucher_receipt(row, request.total.currency)

    def find(self, request: Request) -> Receipt | None:
        """Ask whether the request has taken effect."""
        return looking.find(self.calls, request)

    def outcomes(
        self, requests: Sequence[Request], *, overdue: Collection[str] = ()
    ) -> Mapping[str, Receipt | Permanent]:
        """Ask what became of sendings: about forty in a call, overdue ones by a call of their own."""
        return looking.outcomes(self.calls, requests, overdue)

    def mend_total(self, document: SalesOrderDocument, receipt: Receipt, directory: Directory) -> Receipt:
        """Add a visible rounding line, or withdraw the order when the difference is no rounding. May be repeated."""
        if receipt.invoice_number:
            return receipt  # it is an invoice already; the difference is shown, never mended behind an invoice's back
        row = api.sales_order_with_lines(self.calls, receipt.external_id)
        if row is None:
            message = "The order is gone from PowerOffice before its total could be checked."
            raise OutcomeUnknown(message, provider=PROVIDER, operation="mend_total")
        there = wire_orders.order_total(row, document.currency)
        if there == document.total:
            return wire_orders.order_receipt(row, document.currency)
        if (
            there is None
            or abs(document.total - there).minor > document.max_mend_minor
            or not document.rounding_product
        ):
            raise self._withdrawn(document, receipt, there)
        product = finding.products(self.calls, directory, [document.rounding_product])
        body = wire_orders.rounding_body(document, product[document.rounding_product.code], document.total - there)
        api.add_sales_order_line(self.calls, receipt.external_id, dumps(body))
        mended = api.sales_order_with_lines(self.calls, receipt.external_id) or {}
        there = wire_orders.order_total(mended, document.currency)
        if there != document.total:
            raise self._withdrawn(document, receipt, there)
        return wire_orders.order_receipt(mended, document.currency)

    def _withdrawn(self, document: SalesOrderDocument, receipt: Receipt, there: Money | None) -> Rejected:
        """Delete an order that would be invoiced with another total, and say so."""
        api.delete_sales_order(self.calls, receipt.external_id)
        message = (
            f"PowerOffice computes {there} {document.currency} where the customer saw {document.total}. The order was "
            "withdrawn. Most often a product's ledger account has another VAT code than the mapping says."
        )
        return Rejected(message, provider=PROVIDER, reasons=(Reason("total_differs", message, str(there)),))

    def open_items(self, on: date) -> tuple[OpenItem, ...]:
        """List the customer ledger's open entries."""
        return tuple(map(wire_chart.open_item, api.open_items(self.calls, on)))

    def account_balances(self, on: date) -> Mapping[str, Money]:
        """Give the balance per ledger account number, debit > 0, in NOK."""
        return dict(map(wire_chart.account_balance, api.trial_balance(self.calls, on)))


def _readable(read: Callable[[], Any]) -> Any:
    """Read what we may; None where the privilege is missing. Wrong keys are raised."""
    try:
        return read()
    except Misconfigured as error:
        if error.http_status == 403:
            return None
        raise


def _object_of(answer: Answer) -> Row:
    """Give the object a write answers; it ran, so an answer that cannot be read leaves it in doubt."""
    try:
        body = answer.json()
    except NotJson as error:
        raise OutcomeUnknown("The answer is not JSON.", provider=PROVIDER) from error
    if not isinstance(body, dict):
        raise OutcomeUnknown("The answer has no object.", provider=PROVIDER)
    return body
