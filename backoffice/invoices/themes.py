"""Write themes, each change as the next version, and find the one that a sale's document gets."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.audit.services import Actor, record
from backoffice.clients.models import Client
from backoffice.contracts.sales import SaleDetails
from backoffice.invoices.colours import AA_TEXT, WHITE, contrast
from backoffice.invoices.logos import CleanLogo, read_logo
from backoffice.invoices.looks import Looks
from backoffice.invoices.models import DocumentTheme, Logo
from backoffice.invoices.words import is_allowed
from backoffice.sales.models import Sale

COLOUR_TEXT = re.compile(r"#[0-9a-fA-F]{6}")
#: what a version is made of
FIELDS = (
    "code", "is_default", "design", "font", "brand_colour", "accent_colour", "language", "header_text", "footer_text",
    "paid_text", "attaches_source",
)  # fmt: skip


class BadTheme(Exception):
    """The theme cannot be used; the text says why and what to do."""


def check_theme(values: dict[str, Any], client: Client) -> None:
    """Raise BadTheme when colours cannot be read on paper or the seller's law does not know the language."""
    for name, label in (("brand_colour", _("brand colour")), ("accent_colour", _("accent colour"))):
        if not COLOUR_TEXT.fullmatch(values[name]):
            raise BadTheme(_("Write a colour as #rrggbb, for instance #1f3a5f."))
        found = contrast(values[name], WHITE)
        if found < AA_TEXT:
            text = _("The %(label)s %(colour)s has a contrast of %(found)s to 1 on white; text needs 4.5. Darken it.")
            shown = f"{found.numerator * 10 // found.denominator / 10:.1f}"
            raise BadTheme(text % {"label": label, "colour": values[name], "found": shown})
    if values.get("language") and not is_allowed(values["language"], client.country):
        raise BadTheme(_("A Norwegian seller's documents are in Norwegian, Swedish, Danish or English."))


@transaction.atomic
def save_theme(
    *, client: Client, name: str, values: dict[str, Any], logo: bytes | None, actor: Actor, keeps_logo: bool = True
) -> DocumentTheme:
    """Write the next version of a theme, or its first. The same again writes nothing.

    logo is an uploaded file; None keeps the one there is, or takes it away without keeps_logo. Raises BadTheme and
    BadLogo.
    """
    check_theme(values, client)
    old = DocumentTheme.objects.filter(client=client, name=name, superseded_at=None).first()
    drawn = _keep(client, read_logo(logo)) if logo else (old.logo if old and keeps_logo else None)
    chosen = {field: values[field] for field in FIELDS if field in values} | {"logo": drawn}
    if old and all(getattr(old, field) == value for field, value in chosen.items()):
        return old
    now = timezone.now()
    living = DocumentTheme.objects.filter(client=client, superseded_at=None)
    if old:
        living.filter(pk=old.pk).update(superseded_at=now)
    if chosen.get("is_default"):
        living.filter(is_default=True).update(is_default=False)
    newest = DocumentTheme.objects.filter(client=client, name=name).order_by("-version").first()
    row = DocumentTheme.objects.create(
        client=client, name=name, version=newest.version + 1 if newest else 1, created_by=actor.label[:150], **chosen
    )
    record(
        action="theme.changed" if old else "theme.added",
        actor=actor,
        subject_type="theme",
        subject_id=row.pk,
        client=client,
        label=str(row),
        after={field: str(value) for field, value in chosen.items()},
    )
    return row


def _keep(client: Client, logo: CleanLogo) -> Logo:
    from_hash = {"client": client, "sha256": hashlib.sha256(logo.data).hexdigest()}
    row, _made = Logo.objects.get_or_create(
        **from_hash,
        defaults={
            "data": logo.data, "media_type": logo.media_type, "width_px": logo.width_px, "height_px": logo.height_px,
        },
    )  # fmt: skip
    return row


def theme_for(sale: Sale, details: SaleDetails, *, is_paid: bool) -> DocumentTheme | None:
    """Choose the theme: the one with the code that the sale or its sales point names, else the client's default."""
    point = sale.sales_point
    code = details.branding_theme or (point.theme_paid if is_paid else point.theme_unpaid)
    living = DocumentTheme.objects.select_related("logo").filter(client=sale.client, superseded_at=None)
    named = living.filter(code=code).first() if code else None
    return named or living.filter(is_default=True).first()


def looks_of(theme: DocumentTheme | None) -> Looks:
    """Give a theme's looks; ours where there is none."""
    if theme is None:
        return Looks()
    return Looks(
        design=theme.design,
        font=theme.font,
        brand=theme.brand_colour,
        accent=theme.accent_colour,
        logo=bytes(theme.logo.data) if theme.logo else b"",
        logo_media_type=theme.logo.media_type if theme.logo else "",
        header_text=theme.header_text,
        footer_text=theme.footer_text,
        paid_text=theme.paid_text,
        attaches_source=theme.attaches_source,
    )
