"""Every list of the site is registered here: those whose acts need the upper floors, and those of the rooms."""

from __future__ import annotations

from django.contrib import admin

from backoffice.audit.models import AuditEntry
from backoffice.clients.models import ApiKey, Client, Membership, SalesPoint, User
from backoffice.connections.models import Connection, Delivery, InboundEvent
from backoffice.console.closings import DayClosingPage
from backoffice.console.documents import DocumentPage
from backoffice.console.many import DocumentRunPage
from backoffice.console.payouts.page import AccountPage, EntryPage, PayoutPage
from backoffice.console.records import EventAdmin, OutboxAdmin, TrailAdmin
from backoffice.console.sales import RefundPage, SalePage
from backoffice.console.setup.clients import ApiKeyAdmin, ClientSetupAdmin, SalesPointAdmin
from backoffice.console.setup.connections import ConnectionAdmin
from backoffice.console.setup.documents import FORMS
from backoffice.console.setup.people import MembershipAdmin, UserAdmin
from backoffice.console.themes import ThemePage
from backoffice.console.tills.page import TillImportPage
from backoffice.console.vouchers.listing import VoucherAdmin
from backoffice.console.webhooks import EndpointAdmin, HookDeliveryAdmin
from backoffice.invoices.models import DocumentRun, DocumentTheme, IssuedDocument
from backoffice.sales.admin import PaymentAdmin
from backoffice.sales.models import DayClosing, Payment, Refund, Sale
from backoffice.sales.till_import_models import TillImport
from backoffice.settlements.models import Payout, PayoutEntry, ProviderAccount
from backoffice.vouchers.models import Voucher
from backoffice.webhooks.models import WebhookDelivery, WebhookEndpoint

admin.site.register(Voucher, VoucherAdmin)
admin.site.register(Sale, SalePage)
admin.site.register(Payment, PaymentAdmin)
admin.site.register(Refund, RefundPage)
admin.site.register(DayClosing, DayClosingPage)
admin.site.register(TillImport, TillImportPage)
admin.site.register(Payout, PayoutPage)
admin.site.register(PayoutEntry, EntryPage)
admin.site.register(ProviderAccount, AccountPage)
admin.site.register(InboundEvent, EventAdmin)
admin.site.register(Delivery, OutboxAdmin)
admin.site.register(Connection, ConnectionAdmin)
admin.site.register(AuditEntry, TrailAdmin)
admin.site.register(Client, ClientSetupAdmin)
admin.site.register(SalesPoint, SalesPointAdmin)
admin.site.register(ApiKey, ApiKeyAdmin)
admin.site.register(Membership, MembershipAdmin)
admin.site.register(User, UserAdmin)
admin.site.register(IssuedDocument, DocumentPage)
admin.site.register(DocumentRun, DocumentRunPage)
admin.site.register(DocumentTheme, ThemePage)
admin.site.register(WebhookEndpoint, EndpointAdmin)
admin.site.register(WebhookDelivery, HookDeliveryAdmin)
for model, form in FORMS:
    admin.site.register(model, form)
