"""A client that may issue documents, and the machine's PDF tools."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backoffice.clients.models import Client, SalesPoint
from backoffice.contracts.sales import Address, CustomerDetails, IssuedInvoice
from backoffice.invoices import pdf
from backoffice.invoices.models import SellerProfile
from backoffice.sales.models import Sale
from backoffice.sales.services import record_sale
from tests.factories import make_client, make_sales_point
from tests.world import SOLD_AT, sale_details, sandbox, world

__all__ = ["sandbox", "world"]

BUYER = CustomerDetails(
    name="Kari Nordmann", email="kari@kunde.example", address=Address("Storgata 1", "", "0155", "Oslo", "NO")
)


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    """Keep the files of a test in a folder of its own, and let no bell ring."""
    settings.MEDIA_ROOT = tmp_path / "documents"
    settings.QUEUE_RINGS = False


@pytest.fixture
def pango() -> None:
    """Skip where the machine makes no PDFs; the message names the command."""
    try:
        pdf.warm()
    except pdf.PangoMissing as error:
        pytest.skip(str(error))


def give_profile(client: Client, **values: Any) -> SellerProfile:
    """Enter what documents say about the client."""
    plain = {
        "company_form": "AS", "address_line1": "Storgata 12", "postal_code": "0155", "city": "Oslo",
        "email": "hei@nordlys.example", "bank_account": "86011117947",
    }  # fmt: skip
    return SellerProfile.objects.create(client=client, **{**plain, **values})


@pytest.fixture
def shop(db: None) -> SalesPoint:
    """Give a webshop whose client has seller details."""
    client = make_client()
    give_profile(client)
    return make_sales_point(client, invoice_issuer="sales_system", theme_paid="PAID", theme_unpaid="STD")


@pytest.fixture
def sell(shop: SalesPoint) -> Callable[..., Sale]:
    """Record sales whose invoice the shop numbered itself."""

    def record(reference: str = "1001", gross_minor: int = 12_500, **changes: Any) -> Sale:
        number = changes.pop("number", f"F-{reference}")
        plain: dict[str, Any] = {
            "customer": BUYER,
            "invoice": IssuedInvoice(number, SOLD_AT.date(), kid="12345674") if number else None,
        }
        details = sale_details(reference, gross_minor, **{**plain, **changes})
        return record_sale(sales_point=shop, sale=details, event=None).sale

    return record
