"""A theme's page: a form and, beside it, a sample document made from what the form says right now."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin

from backoffice.audit.services import Actor
from backoffice.chart.models import BrandingTheme
from backoffice.clients.models import Client
from backoffice.clients.scope import clients_shown, person
from backoffice.clients.selectors import Right, clients_of
from backoffice.common.sentences import told
from backoffice.console.documents import pdf_response
from backoffice.invoices.admin import ThemeListAdmin
from backoffice.invoices.building import seller_of
from backoffice.invoices.document import Document, Incomplete
from backoffice.invoices.email_text import write_email
from backoffice.invoices.logos import MAX_UPLOAD_BYTES, BadLogo, read_logo
from backoffice.invoices.looks import Looks
from backoffice.invoices.models import DocumentTheme
from backoffice.invoices.pdf import CannotRender, render
from backoffice.invoices.sample import SELLER, credit_document, long_document, receipt_document, sample_document
from backoffice.invoices.themes import FIELDS, BadTheme, check_theme, looks_of, save_theme

#: an e-mail in the preview: its own colours, nothing from elsewhere
EMAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
SAMPLES = {
    "paid": gettext_lazy("Paid invoice"),
    "unpaid": gettext_lazy("Unpaid invoice"),
    "credit": gettext_lazy("Credit note"),
    "receipt": gettext_lazy("Receipt"),
    "long": gettext_lazy("Several pages"),
    "email_paid": gettext_lazy("E-mail, paid"),
    "email_unpaid": gettext_lazy("E-mail, to be paid"),
}


class ThemeForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy only
    """What a theme says; the logo is checked and written anew before it is kept."""

    logo_file = forms.FileField(
        label=gettext_lazy("Logo"), required=False, help_text=gettext_lazy("PNG, JPEG or SVG, at most 1 MB.")
    )
    removes_logo = forms.BooleanField(label=gettext_lazy("Take the logo away"), required=False)
    sample = forms.ChoiceField(label=gettext_lazy("Preview of"), choices=list(SAMPLES.items()), required=False)

    class Meta:
        model = DocumentTheme
        fields = ("name", *FIELDS)
        widgets = {
            "brand_colour": forms.TextInput(attrs={"type": "color"}),
            "accent_colour": forms.TextInput(attrs={"type": "color"}),
            "header_text": forms.Textarea(attrs={"rows": 2}),
            "footer_text": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.client = client
        if self.instance.pk:
            self.fields["name"].disabled = True

    def clean(self) -> dict[str, Any]:
        """Check colours and language as the service does."""
        values: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                check_theme(values, self.client)
            except BadTheme as error:
                raise forms.ValidationError(told(error)) from error
        return values

    def clean_logo_file(self) -> bytes | None:
        """Read and check the uploaded file."""
        uploaded = self.cleaned_data["logo_file"]
        if not uploaded:
            return None
        data: bytes = uploaded.read(MAX_UPLOAD_BYTES + 1)
        try:
            read_logo(data)
        except BadLogo as error:
            raise forms.ValidationError(told(error)) from error
        return data

    def validate_unique(self) -> None:
        """A change is the next version: names are compared by the service."""


class ThemePage(ThemeListAdmin):
    """Themes: the list, and a form with a preview for one."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Administrators make themes."""
        return self._has(request, Right.ADMINISTER, None)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Start a theme for one of the person's clients."""
        mine = clients_shown(request, Right.ADMINISTER)
        asked = request.GET.get("client", "")
        client = mine.filter(pk=asked).first() if asked.isdecimal() else mine.first()
        if client is None:
            raise PermissionDenied
        return self._page(request, client, DocumentTheme(client=client))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show and change a theme."""
        theme: DocumentTheme = self.found(request, object_id)
        return self._page(request, theme.client, theme)

    def _page(self, request: HttpRequest, client: Client, theme: DocumentTheme) -> HttpResponse:
        may_edit = clients_of(person(request), Right.ADMINISTER).filter(pk=client.pk).exists()
        form = ThemeForm(request.POST or None, request.FILES or None, instance=theme, client=client)
        if request.method == "POST":
            if not may_edit:
                raise PermissionDenied
            if form.is_valid() and self._save(request, form, client):
                return redirect("admin:invoices_documenttheme_changelist")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": theme.name or _("New theme"),
            "form": form,
            "client": client,
            "theme": theme if theme.pk else None,
            "may_edit": may_edit,
            "theirs": _theirs(client),
        }
        return TemplateResponse(request, "console/theme.html", context)

    def _save(self, request: HttpRequest, form: ThemeForm, client: Client) -> bool:
        values = form.cleaned_data
        name = form.instance.name if form.instance.pk else values["name"]
        taken = DocumentTheme.objects.filter(client=client, superseded_at=None).exclude(name=name)
        if values["code"] and taken.filter(code=values["code"]).exists():
            form.add_error("code", _("Another theme has this code."))
            return False
        if not form.instance.pk and DocumentTheme.objects.filter(client=client, name=name, superseded_at=None).exists():
            form.add_error("name", _("There is a theme of this name already."))
            return False
        save_theme(
            client=client,
            name=name,
            values={field: values[field] for field in FIELDS},
            logo=values["logo_file"],
            keeps_logo=not values["removes_logo"],
            actor=Actor.person(person(request)),
        )
        messages.success(request, _("The theme is saved. Documents that were issued stay as they are."))
        return True


def _theirs(client: Client) -> list[tuple[BrandingTheme, DocumentTheme | None]]:
    """The accounting system's own themes as last read, each with ours of the same code, which stands in for it."""
    ours = {
        theme.code: theme for theme in DocumentTheme.objects.filter(client=client, superseded_at=None) if theme.code
    }
    return [(theme, ours.get(theme.code)) for theme in BrandingTheme.objects.filter(client=client)]


@xframe_options_sameorigin
def preview_theme(request: HttpRequest, client_id: int) -> HttpResponse:
    """Make a sample document from what the form says, saved or not."""
    client = get_object_or_404(clients_of(person(request)), pk=client_id)
    asked = request.POST.get("theme", "")
    theme = DocumentTheme.objects.filter(client=client, pk=asked if asked.isdecimal() else 0).first()
    stored = looks_of(theme)
    looks, sample, language = stored, request.GET.get("sample", "paid"), theme.language if theme else ""
    if request.method == "POST":
        form = ThemeForm(request.POST, request.FILES, instance=theme or DocumentTheme(client=client), client=client)
        form.fields["name"].required = False
        if not form.is_valid():
            return TemplateResponse(request, "console/theme_wrong.html", {"form": form})
        values = form.cleaned_data
        looks, sample, language = _looks(values, stored), values["sample"], values["language"]
    shown = _sample(client, sample.removeprefix("email_"), language or "nb")
    if sample.startswith("email_"):
        answer = HttpResponse(write_email(shown, looks).html)
        answer["Content-Security-Policy"] = EMAIL_POLICY
        return answer
    try:
        return pdf_response(render(shown, looks), "preview.pdf")
    except CannotRender as error:
        return TemplateResponse(request, "console/theme_wrong.html", {"why": error})


def _looks(values: dict[str, Any], stored: Looks) -> Looks:
    logo = read_logo(values["logo_file"]) if values["logo_file"] else None
    kept = logo is None and not values["removes_logo"]
    return Looks(
        design=values["design"],
        font=values["font"],
        brand=values["brand_colour"],
        accent=values["accent_colour"],
        logo=logo.data if logo else stored.logo if kept else b"",
        logo_media_type=logo.media_type if logo else stored.logo_media_type if kept else "",
        header_text=values["header_text"],
        footer_text=values["footer_text"],
        paid_text=values["paid_text"],
    )


def _sample(client: Client, sample: str, language: str) -> Document:
    try:
        seller, _profile = seller_of(client)
    except Incomplete:
        seller = SELLER
    if sample == "receipt":
        return receipt_document(language, seller=seller)
    if sample == "long":
        return long_document(60, language)
    if sample == "credit":
        return credit_document(language)
    return sample_document(language, is_paid=sample != "unpaid", seller=seller)
