"""How a client's documents look, and which are made by themselves."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.clients.models import Client, SalesPoint
from backoffice.common.models import Timed

COLOUR = RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write a colour as #rrggbb, for instance #1f3a5f."))


class Logo(models.Model):
    """A logo as it is drawn: checked and written anew by us, never the uploaded bytes."""

    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=20)
    data = models.BinaryField()
    width_px = models.PositiveIntegerField()
    height_px = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("logo")
        verbose_name_plural = _("logos")
        constraints: ClassVar = [models.UniqueConstraint(fields=["client", "sha256"], name="logo_once")]

    def __str__(self) -> str:
        return f"{self.width_px} x {self.height_px}"


class Design(models.TextChoices):
    """The shipped designs."""

    FJORD = "fjord", _("Fjord (modern)")
    ATELIER = "atelier", _("Atelier (classic)")


class FontFamily(models.TextChoices):
    """The shipped typefaces."""

    MANROPE = "manrope", "Manrope"
    SOURCE_SANS = "source-sans", "Source Sans"
    SOURCE_SERIF = "source-serif", "Source Serif"


class DocumentTheme(models.Model):
    """One version of a theme. A version that a document was made with never changes; a change makes the next one.

    code is the accounting system's theme code: sales points name it for paid and unpaid sales, so that its invoices
    and ours agree.
    """

    client = models.ForeignKey(Client, models.CASCADE, related_name="document_themes", verbose_name=_("client"))
    name = models.CharField(_("name"), max_length=80)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    code = models.CharField(
        _("theme code of the accounting system"),
        max_length=50,
        blank=True,
        default="",
        help_text=_("Sales points that name this code for paid or unpaid sales get this theme."),
    )
    is_default = models.BooleanField(_("used where no other is named"), default=False)
    design = models.CharField(_("design"), max_length=20, choices=Design.choices, default=Design.FJORD)
    font = models.CharField(_("typeface"), max_length=20, choices=FontFamily.choices, default=FontFamily.MANROPE)
    brand_colour = models.CharField(_("brand colour"), max_length=7, default="#1f3a5f", validators=[COLOUR])
    accent_colour = models.CharField(_("accent colour"), max_length=7, default="#0f6b4f", validators=[COLOUR])
    logo = models.ForeignKey(Logo, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("logo"))
    language = models.CharField(
        _("language"),
        max_length=5,
        blank=True,
        default="",
        choices=[("nb", _("Norwegian")), ("en", _("English")), ("pl", _("Polish"))],
        help_text=_("Empty: by the customer's country."),
    )
    header_text = models.CharField(_("text above the lines"), max_length=600, blank=True, default="")
    footer_text = models.CharField(_("text at the end"), max_length=600, blank=True, default="")
    paid_text = models.CharField(
        _("text when paid"), max_length=300, blank=True, default="", help_text=_("Empty: our own sentence.")
    )
    attaches_source = models.BooleanField(
        _("for the archive"),
        default=False,
        help_text=_("PDF/A-3 with the document's data attached, for systems that read it; else PDF/UA."),
    )
    created_at = models.DateTimeField(_("since"), auto_now_add=True)
    created_by = models.CharField(_("by"), max_length=150)
    superseded_at = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        ordering = ["client__name", "name", "-version"]
        verbose_name = _("branding theme")
        verbose_name_plural = _("branding themes")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "name", "version"], name="document_theme_version"),
            models.UniqueConstraint(
                fields=["client", "name"], name="document_theme_name", condition=models.Q(superseded_at=None)
            ),
            models.UniqueConstraint(
                fields=["client"],
                name="document_theme_default",
                condition=models.Q(superseded_at=None, is_default=True),
            ),
            models.UniqueConstraint(
                fields=["client", "code"],
                name="document_theme_code",
                condition=models.Q(superseded_at=None) & ~models.Q(code=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.version})"


class DocumentPolicy(Timed):
    """What happens by itself with the documents of a sales point. But for attaching, nothing does until it is said."""

    sales_point = models.OneToOneField(
        SalesPoint, models.CASCADE, related_name="document_policy", verbose_name=_("sales point")
    )
    makes_paid_invoices = models.BooleanField(
        _("make the document as soon as a sale is paid and numbered"), default=False
    )
    emails_customer = models.BooleanField(_("and send it to the customer by e-mail"), default=False)
    attaches_to_voucher = models.BooleanField(
        _("attach documents to the vouchers of invoices that the sales system issued"),
        default=True,
        help_text=_("As documentation of the sale in the accounting system. Also where nobody has chosen."),
    )

    class Meta:
        verbose_name = _("document policy")
        verbose_name_plural = _("document policies")

    def __str__(self) -> str:
        return str(self.sales_point)
