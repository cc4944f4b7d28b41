"""What a person may say about the other side's ids."""

from __future__ import annotations

from django.db import transaction

from backoffice.audit.services import Actor, record
from backoffice.chart.models import CustomerLink
from backoffice.clients.models import Client
from backoffice.contracts import accounting


@transaction.atomic
def link_by_hand(*, client: Client, key: str, link: accounting.CustomerLink, actor: Actor) -> CustomerLink:
    """Link our customer key to a customer over there; a person's word wins over any search, also a later one."""
    row, _is_new = CustomerLink.objects.update_or_create(
        client=client,
        key=key,
        defaults={
            "external_id": link.external_id,
            "number": link.number,
            "ledger_account_id": link.ledger_account_id,
            "name": link.name[:400],
            "linked_by": actor.user,
        },
    )
    record(
        action="customer.linked",
        actor=actor,
        subject_type="customerlink",
        subject_id=row.pk,
        client=client,
        label=str(row),
        after={"number": link.number, "name": link.name},
    )
    return row
