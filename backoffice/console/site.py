"""The admin site: who may enter, what stands in the menu, and the pages that are no lists of a model."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import URLPattern, reverse_lazy
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from backoffice.clients.admin_base import ClientAdmin
from backoffice.clients.models import User
from backoffice.clients.scope import chosen_client, person, rights_anywhere
from backoffice.clients.selectors import Right, clients_of
from backoffice.console.login import LoginForm, may_enter, remember_language
from backoffice.console.pages import pages


class ConsoleSite(UnfoldAdminSite):  # type: ignore[misc]  # unfold carries no types
    """The whole site at `/`. A role at one client is enough to enter."""

    login_form = LoginForm
    index_title = _("Desk")
    site_url = None

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take only lists that know clients and roles; the pages that libraries bring along show everything to all."""
        if admin_class is not None and issubclass(admin_class, ClientAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the person may see any page."""
        return may_enter(request.user)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Log in, then speak the person's language."""
        response: HttpResponse = super().login(request, extra_context)
        if isinstance(request.user, User) and request.user.language:
            remember_language(response, request.user.language)
        return response

    def extra_urls(self) -> list[URLPattern]:
        """Give the pages that are no lists of a model."""
        return pages(self)

    def extra_context(self, context: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
        """Tell every page which client it is narrowed to."""
        if self.has_permission(request):
            context["chosen_client"] = chosen_client(request)
            context["has_many_clients"] = clients_of(person(request)).count() > 1
        return context


def environment(request: HttpRequest) -> list[str] | None:
    """Say beside the title when this is no production system."""
    return None if settings.PRODUCTION else [str(_("Test system")), "info"]


def stylesheet(request: HttpRequest) -> str:
    """Our own styles on top of the theme's."""
    return static("console/console.css")


def favicon(request: HttpRequest) -> str:
    """The small picture in the browser's tab."""
    return static("console/favicon.svg")


def script(request: HttpRequest) -> str:
    """The keyboard and the few things a page does by itself."""
    return static("console/console.js")


def administers(request: HttpRequest) -> bool:
    """Whether the person administers any client; decides what the menu shows."""
    return may_enter(request.user) and Right.ADMINISTER in rights_anywhere(request)


def edits(request: HttpRequest) -> bool:
    """Whether the person edits at any client; decides what the menu shows."""
    return may_enter(request.user) and Right.EDIT in rights_anywhere(request)


def is_superuser(request: HttpRequest) -> bool:
    """Whether the person runs the installation."""
    return may_enter(request.user) and person(request).is_superuser


def _item(title: Any, icon: str, name: str, permission: Any = None) -> dict[str, Any]:
    item = {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{name}")}
    return item | ({"permission": permission} if permission else {})


def _daily_menu() -> dict[str, Any]:
    """What is looked at every day."""
    return {
        "items": [
            _item(_("Desk"), "space_dashboard", "index"),
            _item(_("Vouchers"), "receipt_long", "vouchers_voucher_changelist"),
            _item(_("Sales"), "shopping_bag", "sales_sale_changelist"),
            _item(_("Payments"), "payments", "sales_payment_changelist"),
            _item(_("Refunds"), "undo", "sales_refund_changelist"),
            _item(_("Day closings"), "point_of_sale", "sales_dayclosing_changelist"),
            _item(_("SAF-T files"), "upload_file", "sales_tillimport_changelist"),
        ]
    }


def _payouts_menu() -> dict[str, Any]:
    """What providers paid out, and what is open on the clearing accounts."""
    return {
        "title": _("Payouts"),
        "separator": True,
        "items": [
            _item(_("Payouts"), "account_balance", "settlements_payout_changelist"),
            _item(_("Provider's rows"), "list_alt", "settlements_payoutentry_changelist"),
            _item(_("Clearing accounts"), "balance", "clearing"),
            _item(_("Provider accounts"), "account_balance_wallet", "settlements_provideraccount_changelist"),
            _item(_("Upload a file"), "upload_file", "payout_upload", edits),
        ],
    }


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The menu, daily work first."""
    return [
        _daily_menu(),
        _payouts_menu(),
        {
            "title": _("Mapping"),
            "separator": True,
            "items": [
                _item(_("Payment methods"), "credit_card", "payment_mapping"),
                _item(_("Sales groups"), "category", "sales_mapping"),
                _item(_("Chart of accounts"), "account_tree", "chart"),
            ],
        },
        {
            "title": _("Documents"),
            "separator": True,
            "items": [
                _item(_("Documents for customers"), "picture_as_pdf", "invoices_issueddocument_changelist"),
                _item(_("Branding themes"), "palette", "invoices_documenttheme_changelist"),
                _item(_("Seller details"), "store", "invoices_sellerprofile_changelist"),
                _item(_("Exchange rates"), "currency_exchange", "invoices_homerate_changelist"),
                _item(_("Made by themselves"), "bolt", "invoices_documentpolicy_changelist"),
            ],
        },
        {
            "title": _("In and out"),
            "separator": True,
            "items": [
                _item(_("Inbox"), "move_to_inbox", "connections_inboundevent_changelist"),
                _item(_("Outbox"), "outbox", "connections_delivery_changelist"),
                _item(_("Connections"), "cable", "connections_connection_changelist"),
                _item(_("Webhooks"), "webhook", "webhooks_webhookendpoint_changelist"),
                _item(_("Told to sales systems"), "campaign", "webhooks_webhookdelivery_changelist"),
                _item(_("Queue health"), "monitor_heart", "health"),
                _item(_("What can go wrong"), "help", "catalogue"),
            ],
        },
        {
            "title": _("Set-up"),
            "separator": True,
            "items": [
                _item(_("Clients"), "apartment", "clients_client_changelist"),
                _item(_("Sales points"), "storefront", "clients_salespoint_changelist"),
                _item(_("People's roles"), "badge", "clients_membership_changelist", administers),
                _item(_("API keys"), "key", "clients_apikey_changelist", administers),
                _item(_("Users"), "group", "clients_user_changelist", administers),
                _item(_("Audit trail"), "history", "audit_auditentry_changelist"),
            ],
        },
    ]
