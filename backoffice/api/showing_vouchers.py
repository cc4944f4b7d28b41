"""Vouchers in the words of the API."""

from __future__ import annotations

from typing import Any

from backoffice.api.showing import Shown, amount, time
from backoffice.connections.models import Delivery
from backoffice.vouchers.models import Posting, Voucher
from backoffice.vouchers.selectors import timeline


def show_voucher(voucher: Voucher) -> Shown:
    """Give a voucher as lists show it. Reads client and sales point: select them."""
    moved_from = voucher.original_dated_on
    return {
        "id": voucher.pk,
        "client": voucher.client.key,
        "sales_point": voucher.sales_point.key if voucher.sales_point else None,
        "kind": voucher.kind,
        "source": {"type": voucher.source_type, "key": voucher.source_key},
        "state": voucher.state,
        "posting_date": voucher.dated_on.isoformat(),
        "original_posting_date": moved_from.isoformat() if moved_from else None,
        "currency": voucher.currency,
        "total": amount(voucher.total_minor, voucher.currency),
        "description": voucher.description or None,
        "customer_name": voucher.customer_name or None,
        "matching_reference": voucher.matching_reference or None,
        "reasons": [_reason(reason) for reason in voucher.reasons],
        "held_reason": voucher.held_reason or None,
        "approved_by": voucher.approved_by or None,
        "approved_at": time(voucher.approved_at),
        "posted_at": time(voucher.posted_at),
        "external_id": voucher.external_id or None,
        "number": voucher.number or None,
        "invoice_number": voucher.invoice_number or None,
        "content_sha256": voucher.content_sha256,
        "created_at": time(voucher.created_at),
        "updated_at": time(voucher.updated_at),
    }


def show_voucher_detail(voucher: Voucher) -> Shown:
    """Give a voucher with its lines, why they are so, and all that happened to it."""
    return {
        **show_voucher(voucher),
        "postings": [_posting(posting) for posting in voucher.postings.all()],
        "timeline": [
            {"at": time(step.at), "what": step.what, "who": step.who, "detail": step.detail}
            for step in timeline(voucher)
        ],
        "deliveries": [_delivery(delivery) for delivery in voucher.deliveries],
    }


def _reason(reason: dict[str, Any]) -> Shown:
    return {name: str(reason.get(name, "")) for name in ("code", "detail", "subject")}


def _posting(posting: Posting) -> Shown:
    return {
        "ledger_account": posting.ledger_account,
        "account_name": posting.account_name or None,
        "customer_name": posting.customer_name or None,
        "amount": amount(posting.amount_minor, posting.currency),
        "currency": posting.currency,
        "vat_code": posting.vat_code or None,
        "vat_rate": f"{posting.vat_rate:.2f}" if posting.vat_rate is not None else None,
        "matching_reference": posting.matching_reference or None,
        "description": posting.description or None,
        "dimensions": posting.dimensions,
        "why": posting.why,
    }


def _delivery(delivery: Delivery) -> Shown:
    return {
        "id": delivery.pk,
        "kind": delivery.kind,
        "reference": str(delivery.reference),
        "state": delivery.state,
        "attempts": delivery.attempts,
        "next_attempt_at": time(delivery.next_attempt_at),
        "sent_at": time(delivery.sent_at),
        "delivered_at": time(delivery.delivered_at),
        "external_id": delivery.external_id or None,
        "reasons": [_reason(reason) for reason in delivery.reasons],
    }
