"""A shop whose own invoice stands in the sandbox's books, and what documentation stands there."""

from __future__ import annotations

import base64
import hashlib
from datetime import date
from typing import Any

from backoffice.contracts.sales import IssuedInvoice
from backoffice.vouchers.models import Voucher, VoucherAttachment
from integrations.poweroffice.sandbox.pdf import one_page
from tests.world import World, requests_to

PUT = "PUT /v2/VoucherDocumentation"
GET = "GET /v2/VoucherDocumentation/Download"
LIST = one_page(["Salg 20. november 2026", "WEB-1001  125,00"])
OTHER = one_page(["Vilkår"])


def invoiced(world: World, reference: str = "1001") -> Voucher:
    """Draft the invoice that the shop issued itself."""
    world.shop.invoice_issuer = "sales_system"
    world.shop.save()
    world.sell(reference, 12_500, paid=False, invoice=IssuedInvoice(f"F-{reference}", date(2026, 11, 20)))
    world.drain()
    return Voucher.objects.get(kind="outgoing_invoice", sales__reference=reference)


def posted(world: World, reference: str = "1001") -> Voucher:
    """Post it."""
    voucher = invoiced(world, reference)
    world.post_everything()
    voucher.refresh_from_db()
    assert voucher.state == "posted"
    return voucher


def stored(world: World, voucher: Voucher) -> bytes | None:
    """Give the documentation that stands with a voucher in the sandbox."""
    row: dict[str, Any] | None = world.sandbox.books.documents.get(voucher.external_id)
    return base64.b64decode(row["content"]) if row else None


def sha256(content: bytes) -> str:
    """Give the hash."""
    return hashlib.sha256(content).hexdigest()


def uploads(world: World) -> int:
    """Count the uploads that were answered."""
    return requests_to(world.sandbox, PUT)


def codes(row: VoucherAttachment) -> list[str]:
    """Give the codes of a file's reasons as they are stored."""
    row.refresh_from_db()
    return [reason["code"] for reason in row.reasons]
