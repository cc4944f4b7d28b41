"""Fill a fresh installation with something to look at and something to do."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backoffice.console.demo import people
from backoffice.console.demo.doors import DemoStopped
from backoffice.console.demo.story import Story, is_made
from backoffice.contracts.errors import ProviderError

WHAT_TO_DO = """
What to do first:
 1. Open {url} and log in as the bookkeeper.
 2. Three orders of today wait for approval. Look at one ("Why?" on each line), then approve all three.
 3. One voucher failed: PowerOffice has closed account 1906, to which Kaia's gift cards go. Open it, choose
    1596 instead, save, and approve it again.
 4. Nordlys' payments of yesterday wait, since nobody said where Svea's payments go. Open them and choose 1598.
 5. Two day closings of Kaia's bar came in a SAF-T file (SAF-T files in the menu) and wait for approval, too.
"""


class Command(BaseCommand):
    """`manage.py demo`: two companies with a few days of sales, made once, through the doors that sales come by."""

    help = "Make demo data against the built-in PowerOffice sandbox. A second run changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the demo, or say that it is there."""
        started = time.monotonic()
        if is_made():
            self.stdout.write("The demo data is there; nothing was changed.")
        else:
            try:
                Story(self._say).tell()
            except (DemoStopped, ProviderError) as error:
                raise CommandError(str(error)) from error
            self._say(f"The demo is ready, after {time.monotonic() - started:.0f} s")
        for line in people.lines().values():
            self.stdout.write(f"  {line}")
        self.stdout.write(WHAT_TO_DO.format(url=settings.PUBLIC_URL))

    def _say(self, words: str) -> None:
        self.stdout.write(f"- {words}")
        self.stdout.flush()
