"""The stored files of a sale in the words of the API: ours, and the accounting system's own."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from backoffice.invoices.document import DocumentKind
from backoffice.invoices.models import IssuedDocument
from backoffice.invoices.states import DocumentState
from backoffice.sales.models import Sale
from backoffice.vouchers.models import VoucherPaper
from backoffice.vouchers.states import PaperState


def document_of(sale: Sale) -> str | None:
    """Give the address of the PDF, where one is stored."""
    is_stored = any(one.state == DocumentState.RENDERED and one.refund_id is None for one in sale.documents.all())
    return f"/api/v1/documents/sales/{quote(sale.reference, safe='')}" if is_stored else None


def documents_of(sale: Sale) -> list[dict[str, Any]]:
    """Give every stored PDF of a sale and its refunds: ours, and the accounting system's own. Hash and address stay."""
    found = [
        _file(one.kind, "back_office", one.number, one.sha256) | _ehf(one)
        for one in sorted(sale.documents.all(), key=lambda one: one.pk)
        if one.state == DocumentState.RENDERED
    ]
    paper: VoucherPaper | None = getattr(sale.voucher, "paper", None)
    if sale.voucher is not None and paper is not None and paper.state == PaperState.FETCHED:
        found.append(_file("invoice", "accounting_system", sale.voucher.invoice_number, paper.sha256))
    return found


def _ehf(document: IssuedDocument) -> dict[str, Any]:
    is_norwegian = document.source["seller"]["address"]["country"] == "NO"
    has_ehf = is_norwegian and document.kind != DocumentKind.RECEIPT
    return {"ehf_url": f"/api/v1/documents/ehf/{document.sha256}"} if has_ehf else {}


def _file(kind: str, origin: str, number: str, sha256: str) -> dict[str, Any]:
    address = f"/api/v1/documents/files/{sha256}"
    return {"kind": kind, "origin": origin, "number": number, "sha256": sha256, "url": address, "ehf_url": None}
