"""What sales systems are told of a voucher: that it is posted, that its invoice has a number, that it was refused.

Codes and references only: the words of a refusal may name a customer, and are read through the API.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from backoffice.ledger.money import Money
from backoffice.vouchers.models import SourceType, Voucher, VoucherKind
from backoffice.vouchers.states import VoucherState
from backoffice.webhooks.models import EventType
from backoffice.webhooks.services import announce


def announce_move(voucher: Voucher) -> None:
    """Announce, in the transaction of the move, what the voucher's new state means to the sales system."""
    if voucher.state == VoucherState.POSTED:
        _announce(voucher, EventType.VOUCHER_POSTED, "", {})
        if voucher.invoice_number and voucher.kind == VoucherKind.SALES_ORDER:
            _announce(voucher, EventType.INVOICE_NUMBERED, "", {})
    elif voucher.state == VoucherState.FAILED:
        codes = [str(reason["code"]) for reason in voucher.reasons]
        why = hashlib.sha256("/".join([*codes, voucher.content_sha256]).encode()).hexdigest()[:16]
        _announce(voucher, EventType.VOUCHER_FAILED, f"/{why}", {"reasons": [{"code": code} for code in codes]})


def _announce(voucher: Voucher, kind: EventType, detail: str, extra: Mapping[str, Any]) -> None:
    sale, revision, refund = origin_of(voucher)
    announce(
        client=voucher.client,
        sales_point=voucher.sales_point,
        type=kind,
        fact=f"{voucher.pk}{detail}",
        subject=refund or sale or voucher.source_key,
        data={
            "sale": sale,
            "revision": revision,
            "refund": refund,
            "voucher": {"id": voucher.pk, "kind": voucher.kind, "number": voucher.number or None},
            "dated_on": voucher.dated_on.isoformat(),
            "matching_reference": voucher.matching_reference or None,
            "invoice_number": voucher.invoice_number or None,
            "total": str(Money(voucher.total_minor, voucher.currency)),
            "currency": voucher.currency,
            **extra,
        },
    )


def origin_of(voucher: Voucher) -> tuple[str | None, int | None, str | None]:
    """Give the sale's reference and revision, and the refund's reference, where the voucher is of one sale.

    Sales stand a floor higher; they are read by way of the relation, the reference of last resort by the source's key.
    """
    if voucher.source_type == SourceType.REFUND:
        refund = voucher.refunds.select_related("sale").first()
        own = voucher.source_key.partition("/")[2] or None
        if refund is None:
            return None, None, own
        return refund.sale_reference, refund.sale.revision if refund.sale else None, refund.reference
    if voucher.source_type not in (SourceType.SALE, SourceType.ADVANCE):
        return None, None, None
    reference = voucher.source_key.partition("/")[2] or None
    sale = voucher.sales.first()
    return (sale.reference, sale.revision, None) if sale else (reference, None, None)
