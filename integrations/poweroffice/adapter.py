"""PowerOffice Go as an accounting system."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar, Self

from backoffice.contracts.accounting import (
    AccountingSystem,
    AttachedFile,
    AttachmentRules,
    BookLimits,
    ChartSnapshot,
    CompanyInformation,
    CustomerLink,
    Directory,
    Document,
    DocumentKind,
    InvoiceBalance,
    OpenItem,
    Receipt,
    Request,
    SalesOrderDocument,
)
from backoffice.contracts.errors import Misconfigured, Misunderstood, Permanent
from backoffice.contracts.runtime import Runtime
from backoffice.ledger.money import Money
from integrations.http import Answer, Http, NotJson
from integrations.poweroffice import (
    api,
    documentation,
    finding,
    looking,
    mending,
    preparing,
    wire_chart,
    wire_customers,
    wire_inferred,
    wire_journals,
    wire_orders,
)
from integrations.poweroffice.answers import unreadable
from integrations.poweroffice.calls import Calls
from integrations.poweroffice.config import HOST, PROVIDER, Config, Keys, place_of
from integrations.poweroffice.tokens import claims_of
from integrations.poweroffice.wire import Row, text_of

#: Taken in and worked on: reversing may be queued.
ACCEPTED = 202


class PowerOffice(AccountingSystem):
    """One client's books in PowerOffice Go."""

    name: ClassVar[str] = PROVIDER
    label: ClassVar[str] = "PowerOffice Go"
    Config: ClassVar[type] = Config
    capabilities: ClassVar[frozenset[str]] = frozenset(
        {
            "sales_orders", "journals", "outgoing_invoices", "credit_notes", "customers", "products", "chart",
            "reversal", "attachments",
        }
    )  # fmt: skip
    attachment_rules: ClassVar[AttachmentRules | None] = documentation.RULES

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
        if may_send is None:
            may_send = wire_chart.truth_of(claims_of(self.calls.tokens.bearer()).get("goAllowSendInvoice"))
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
            return Receipt(request.lookup["voucher_id"], is_final=answer.status != ACCEPTED)
        return _receipt_of(answer, request)

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
        return mending.mended(self.calls, document, receipt, directory)

    def customer_numbered(self, number: str) -> CustomerLink | None:
        """Give the active customer with that number."""
        return finding.numbered(self.calls, number)

    def open_items(self, on: date) -> tuple[OpenItem, ...]:
        """List the customer ledger's open entries."""
        return tuple(map(wire_chart.open_item, api.open_items(self.calls, on)))

    def balances_changed_since(self, since: datetime) -> Iterator[InvoiceBalance]:
        """List what is open of invoices and credit notes that changed after a time: one call for up to 5,000."""
        return map(wire_chart.invoice_balance, api.outgoing_invoices_by_balance_change(self.calls, since))

    def account_balances(self, on: date) -> Mapping[str, Money]:
        """Give the balance per ledger account number, debit > 0, in NOK."""
        return dict(map(wire_chart.account_balance, api.trial_balance(self.calls, on)))

    def attach(self, *, voucher_id: str, file: AttachedFile) -> bool:
        """Replace the voucher's documentation by this PDF."""
        return documentation.attach(self.calls, voucher_id, file)

    def documentation(self, *, voucher_id: str) -> AttachedFile | None:
        """Give the voucher's PDF, uploaded or of their own making."""
        return documentation.stored(self.calls, voucher_id)


def _readable(read: Callable[[], Any]) -> Any:
    """Read what we may; None where the privilege is missing. Wrong keys are raised."""
    try:
        return read()
    except Misconfigured as error:
        # They say it with 403 or with 400 "Missing privilege".
        if any(reason.code == "no_privilege" for reason in error.reasons):
            return None
        raise


def _receipt_of(answer: Answer, request: Request) -> Receipt:
    """Read the object that a write answers. It ran, so an answer that cannot be read leaves it in doubt."""
    currency = request.total.currency
    try:
        row = answer.json()
        if not isinstance(row, dict):
            raise Misunderstood("The answer has no object.")
        if request.kind is DocumentKind.SALES_ORDER:
            return wire_orders.order_receipt(row, currency)
        if request.kind in looking.OUTGOING_KINDS:
            return wire_inferred.invoice_receipt(row, currency)
        return wire_journals.voucher_receipt(row, currency)
    except (NotJson, Misunderstood) as error:
        operation = api.operation_of(request.path)
        raise unreadable(answer, operation, has_effect=True, what=f"cannot be read: {error}") from error
