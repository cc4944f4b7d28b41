"""Who we work for: clients (legal entities), their sales points, the people and keys that may act for them."""

from __future__ import annotations

from typing import ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.common.models import MinorField, Timed

KEY = RegexValidator(
    r"^[a-z0-9][a-z0-9-]{0,62}$",
    _("Use small letters, digits and hyphens, at most 63."),
)


class User(AbstractUser):
    """A person who logs in. What they may do is said per client by a Membership."""

    language = models.CharField(_("language"), max_length=5, blank=True, default="")

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")


class Approval(models.TextChoices):
    """Who approves vouchers."""

    MANUAL = "manual", _("Always by hand")
    UP_TO = "automatic_up_to", _("Automatic up to an amount")
    AUTOMATIC = "automatic", _("Automatic")


class LockedPeriod(models.TextChoices):
    """What happens to a voucher dated on or before the lock date."""

    HOLD = "hold", _("Hold for a person")
    MOVE = "move", _("Move to the first open day")


class PaidBeforeDelivery(models.TextChoices):
    """What happens to a sale that is paid before it is delivered."""

    AT_ONCE = "at_once", _("Post at once")
    ADVANCE = "advance", _("Advance account until delivery")


class BooksLanguage(models.TextChoices):
    """In which language vouchers are worded."""

    ENGLISH = "en", _("English")
    NORWEGIAN = "nb", _("Norwegian")
    POLISH = "pl", _("Polish")


class Client(Timed):
    """The legal entity whose books we post to."""

    key = models.CharField(_("key"), max_length=63, unique=True, validators=[KEY])
    name = models.CharField(_("name"), max_length=200)
    country = models.CharField(_("country"), max_length=2, choices=[("NO", _("Norway")), ("PL", _("Poland"))])
    organisation_number = models.CharField(_("organisation number"), max_length=20)
    currency = models.CharField(_("currency"), max_length=3, default="NOK")
    time_zone = models.CharField(_("time zone"), max_length=40, default="Europe/Oslo")
    books_language = models.CharField(
        _("language of the books"),
        max_length=5,
        choices=BooksLanguage.choices,
        default=BooksLanguage.ENGLISH,
        help_text=_("In which vouchers and their lines are worded. Texts of the shop stay as they are."),
    )
    approval = models.CharField(_("approval"), max_length=20, choices=Approval.choices, default=Approval.MANUAL)
    automatic_up_to_minor = MinorField(_("automatic up to"), null=True, blank=True)
    locked_period = models.CharField(
        _("locked period"),
        max_length=10,
        choices=LockedPeriod.choices,
        default=LockedPeriod.HOLD,
    )
    four_eyes = models.BooleanField(
        _("four eyes"),
        default=False,
        help_text=_("Who changed a voucher may not approve it."),
    )
    daily_cutoff = models.TimeField(
        _("daily cut-off"),
        default="03:00",
        help_text=_("When a day's voucher closes, the next morning."),
    )
    rounding_ledger_account = models.CharField(_("rounding account"), max_length=20, default="7740")
    cash_difference_ledger_account = models.CharField(_("cash difference account"), max_length=20, default="1909")
    drawer_in_ledger_account = models.CharField(
        _("account for cash paid in"),
        max_length=20,
        blank=True,
        default="",
        help_text=_("Cash put into a till's drawer without a sale, such as change fetched from the bank."),
    )
    drawer_out_ledger_account = models.CharField(
        _("account for cash paid out"),
        max_length=20,
        blank=True,
        default="",
        help_text=_("Cash taken out of a till's drawer for something else than the bank, such as a small purchase."),
    )
    advance_ledger_account = models.CharField(
        _("advance account"),
        max_length=20,
        default="2900",
        help_text=_("Where payments rest until delivery, when a sales point says so."),
    )
    exchange_gain_ledger_account = models.CharField(_("exchange gain account"), max_length=20, default="8060")
    exchange_loss_ledger_account = models.CharField(_("exchange loss account"), max_length=20, default="8160")
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("client")
        verbose_name_plural = _("clients")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="client_amount_with_up_to",
                condition=~models.Q(approval=Approval.UP_TO) | models.Q(automatic_up_to_minor__isnull=False),
                violation_error_message=_("Say up to which amount vouchers are approved automatically."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """Give the zone in which this client's days begin and end."""
        return ZoneInfo(self.time_zone)


class SalesPointKind(models.TextChoices):
    """Where sales happen."""

    WEBSHOP = "webshop", _("Webshop")
    POS = "pos", _("Till")


class InvoiceIssuer(models.TextChoices):
    """Who issues the invoice to the end customer."""

    SALES_SYSTEM = "sales_system", _("The sales system")
    ACCOUNTING_SYSTEM = "accounting_system", _("The accounting system")
    BACK_OFFICE = "back_office", _("This back office")


class SaftReporter(models.TextChoices):
    """Who can report the sales as SAF-T."""

    SALES_SYSTEM = "sales_system", _("The sales system")
    ACCOUNTING_SYSTEM = "accounting_system", _("The accounting system")


class BatchJournal(models.TextChoices):
    """Which journal batches of sales go to."""

    BANK = "bank", _("Bank journal")
    CASH = "cash", _("Cash journal")
    MANUAL = "manual", _("Manual journal")


class DayPosting(models.TextChoices):
    """How the days of several tills are posted."""

    PER_SALES_POINT = "per_sales_point", _("One voucher per sales point")
    CONSOLIDATED = "consolidated", _("One voucher for all, split by dimension")


class DayLines(models.TextChoices):
    """Of what a line of a day closing's voucher is the sum."""

    ACCOUNT = "account", _("One line per account and VAT code")
    GROUP = "group", _("One line per product group and VAT rate")


class SalesPoint(Timed):
    """A webshop or a till, with the answers that decide which document follows a sale."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="sales_points", verbose_name=_("client"))
    key = models.CharField(_("key"), max_length=63, validators=[KEY])
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=10, choices=SalesPointKind.choices)
    invoice_issuer = models.CharField(_("invoice issuer"), max_length=20, choices=InvoiceIssuer.choices)
    saft_reporter = models.CharField(
        _("SAF-T reporter"),
        max_length=20,
        choices=SaftReporter.choices,
        default=SaftReporter.ACCOUNTING_SYSTEM,
    )
    batch_journal = models.CharField(
        _("batch journal"),
        max_length=10,
        choices=BatchJournal.choices,
        blank=True,
        default="",
    )
    unpaid_ledger_account = models.CharField(
        _("account for unpaid sales of a batch"),
        max_length=20,
        blank=True,
        default="",
        help_text=_("Where a batch keeps what is paid on another day than it is sold, before or after."),
    )
    day_posting = models.CharField(
        _("day posting"),
        max_length=20,
        choices=DayPosting.choices,
        default=DayPosting.PER_SALES_POINT,
    )
    day_lines = models.CharField(
        _("lines of a till's day"), max_length=10, choices=DayLines.choices, default=DayLines.ACCOUNT
    )
    paid_before_delivery = models.CharField(
        _("paid before delivery"),
        max_length=10,
        choices=PaidBeforeDelivery.choices,
        default=PaidBeforeDelivery.AT_ONCE,
    )
    dimensions = models.JSONField(
        _("dimensions"),
        default=dict,
        blank=True,
        help_text=_("Codes by kind: department, location, project, dim1-3."),
    )
    theme_unpaid = models.CharField(_("branding theme, unpaid"), max_length=50, blank=True, default="")
    theme_paid = models.CharField(_("branding theme, paid"), max_length=50, blank=True, default="")
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["client__name", "name"]
        verbose_name = _("sales point")
        verbose_name_plural = _("sales points")
        constraints: ClassVar = [models.UniqueConstraint(fields=["client", "key"], name="sales_point_key")]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a person may do for a client."""

    ADMINISTRATOR = "administrator", _("Administrator")
    BOOKKEEPER = "bookkeeper", _("Bookkeeper")
    APPROVER = "approver", _("Approver")
    AUDITOR = "auditor", _("Auditor (reads only)")


class Membership(Timed):
    """A person's role at a client."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("user"))
    client = models.ForeignKey(Client, models.CASCADE, related_name="memberships", verbose_name=_("client"))
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    approve_up_to_minor = MinorField(_("may approve up to"), null=True, blank=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "client"], name="one_role_per_client")]

    def __str__(self) -> str:
        return f"{self.user} · {self.client} · {self.get_role_display()}"


class ApiKey(Timed):
    """A sales point's key to the REST API. Only its hash is kept; the prefix recognises it."""

    sales_point = models.ForeignKey(
        SalesPoint,
        models.CASCADE,
        related_name="api_keys",
        verbose_name=_("sales point"),
    )
    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(_("prefix"), max_length=12, unique=True)
    secret_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return f"{self.prefix}… ({self.name})"
