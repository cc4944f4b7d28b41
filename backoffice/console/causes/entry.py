"""What an entry of the error catalogue holds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _


class Who(StrEnum):
    """Who can mend a cause."""

    BOOKKEEPER = "bookkeeper"
    ADMINISTRATOR = "administrator"
    SHOP = "shop"
    ACCOUNTING = "accounting"
    NOBODY = "nobody"
    SUPPORT = "support"


WHO = {
    Who.BOOKKEEPER: _("The bookkeeper"),
    Who.ADMINISTRATOR: _("The client's administrator"),
    Who.SHOP: _("Whoever runs the shop or till"),
    Who.ACCOUNTING: _("Whoever looks after the accounting system"),
    Who.NOBODY: _("Nobody needs to; it is tried again"),
    Who.SUPPORT: _("Whoever runs this installation"),
}


class Button(StrEnum):
    """What the page offers beside a reason."""

    MAP_PAYMENT = "map_payment"
    MAP_GROUP = "map_group"
    CHOOSE_ACCOUNT = "choose_account"
    CHOOSE_CUSTOMER = "choose_customer"
    READ_CHART = "read_chart"
    MOVE_DAY = "move_day"
    CONNECTION = "connection"
    SALES_POINT = "sales_point"
    REBUILD = "rebuild"
    RESEND = "resend"
    CHECK = "check"
    SALE = "sale"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """One entry. All texts are translated; button says which form or button the page draws."""

    code: str
    title: Any
    cause: Any
    who: Who
    what_to_do: Any
    button: Button = Button.NONE

    @property
    def who_label(self) -> Any:
        """Say in words who can mend it."""
        return WHO[self.who]
