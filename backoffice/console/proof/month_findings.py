"""What the pages name for a month, beside what was planted: every fault, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from backoffice.clients.models import Client
from backoffice.console.proof.month import FIRST, LAST, Planted
from backoffice.ledger.clearing import ClearingReason
from backoffice.ledger.money import Money
from backoffice.sales.closings import missing_before
from backoffice.sales.models import DayClosing, Refund, Sale, SaleState
from backoffice.settlements.clearing import AccountProof, clearing_proof
from backoffice.settlements.models import Payout, ProviderAccount
from backoffice.settlements.selectors import entries_needing_person, payouts_needing_person
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.states import VoucherState


@dataclass
class Findings:
    """What a person is shown: references with why, and the figures of each clearing account."""

    named: dict[str, list[str]] = field(default_factory=dict)
    proofs: list[AccountProof] = field(default_factory=list)

    def name(self, reference: str, why: str) -> None:
        """Note that something is shown to a person under a reference."""
        self.named.setdefault(reference, []).append(why)


def find(client: Client) -> Findings:
    """Read everything of the month that the pages name."""
    found = Findings()
    for account in ProviderAccount.objects.filter(client=client).order_by("provider"):
        proof = clearing_proof(account, FIRST, LAST)
        found.proofs.append(proof)
        for item in proof.proof.items:
            found.name(item.reference, f"{account.provider}: {item.reason} {item.difference}")
    for payout in payouts_needing_person([client]):
        found.name(payout.reference, payout.because)
    for entry in entries_needing_person([client]):
        found.name(entry.key, entry.needs_person_because)
    for closing in DayClosing.objects.filter(client=client):
        if missing_before(closing):
            found.name(str(closing), "numbers are missing before it")
    for model in (Sale, Refund):
        for row in model.objects.filter(client=client, state=SaleState.NEEDS_PERSON):
            found.name(row.reference, row.needs_person_because)
    return found


def wrong(client: Client, planted: Iterable[Planted]) -> list[str]:
    """Name every planted fault that is not shown, everything shown that was not planted, and what does not add up."""
    found, faults = find(client), list(planted)
    late = Payout.objects.filter(client=client, paid_on__gt=LAST).values_list("reference", flat=True)
    for reference in late:  # paid out after the month: its fees are on their way, as they should be
        if all(ClearingReason.IN_TRANSIT in why for why in found.named.get(reference, [])):
            found.named.pop(reference, None)
    complaints = [
        f"not named: {fault.what} ({', '.join(fault.references)})"
        for fault in faults
        if not set(fault.references) & set(found.named)
    ]
    expected = {reference for fault in faults for reference in fault.references}
    complaints += [
        f"named without cause: {reference}: {'; '.join(whys)}"
        for reference, whys in found.named.items()
        if reference not in expected
    ]
    for proof in found.proofs:
        complaints += _does_not_add_up(proof)
    blocked = Voucher.objects.filter(client=client).exclude(state__in=[VoucherState.POSTED, VoucherState.WITHDRAWN])
    allowed = {"z_number_gap"}
    for voucher in blocked:
        codes = {reason["code"] for reason in voucher.reasons}
        if not codes or not codes <= allowed:
            complaints.append(f"not posted: {voucher} is {voucher.state} {voucher.reasons}")
    return complaints


def _does_not_add_up(proof: AccountProof) -> list[str]:
    account, whole = proof.account.provider, proof.proof
    complaints = []
    if not whole.is_proved:
        complaints.append(f"{account}: unexplained {whole.unexplained}, unnamed {whole.unnamed}")
    named = sum(item.difference.minor for item in whole.items)
    if whole.books_closing.minor - whole.closing.minor != named:
        complaints.append(
            f"{account}: the items come to {Money(named, 'NOK')}, not to what books and provider differ by"
        )
    return complaints
