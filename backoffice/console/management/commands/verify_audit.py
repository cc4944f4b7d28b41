"""Recompute the audit trail."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.audit.models import AuditChain, AuditEntry
from backoffice.audit.services import breaks


class Command(BaseCommand):
    """`manage.py verify_audit`: exit code 0 when every chain holds, 1 when one does not."""

    help = "Recompute the audit trail's hashes and name every place where an entry was changed, removed or put in."

    def handle(self, *args: Any, **options: Any) -> None:
        """Recompute, and name each break."""
        names = dict(AuditChain.objects.values_list("id", "key"))
        found = list(breaks())
        for one in found:
            self.stdout.write(f"{names[one.chain_id]}, entry {one.sequence}: {one.why}")
        if found:
            raise CommandError(f"The audit trail does not hold in {len(found)} place(s); they stand above.")
        self.stdout.write(f"The audit trail holds: {AuditEntry.objects.count()} entries in {len(names)} chains.")
