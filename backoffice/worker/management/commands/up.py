"""Start all that is needed on one machine, keep it running, stop it in order."""

from __future__ import annotations

import os
import time
from argparse import ArgumentParser, BooleanOptionalAction
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backoffice.worker.supervisor.claim import Claim
from backoffice.worker.supervisor.house import House, StopAsked
from backoffice.worker.supervisor.parts import StartFailed
from backoffice.worker.supervisor.plan import Plan

LOGIN_NOTE = "demo-login.txt"


class Command(BaseCommand):
    """`manage.py up`: stores, migrations, web, workers, scheduler, and demo data when asked."""

    help = "Start everything on this machine; Ctrl-C stops it. Data stays in DATA_DIR."
    requires_system_checks: list[str] = []  # as Django declares it

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the port, how many workers, and whether demo data is wanted."""
        parser.add_argument("--port", type=int, default=8000, help="where the pages are (default 8000)")
        parser.add_argument("--workers", type=int, default=2, help="how many RQ workers (default 2)")
        parser.add_argument("--demo", action=BooleanOptionalAction, default=False, help="fill with demo data, once")

    def handle(self, *args: Any, **options: Any) -> None:
        """Start, keep, stop; exit code 0 when somebody asked for the end."""
        self.started_at = time.monotonic()
        try:
            claim = Claim(settings.DATA_DIR)
            plan = Plan.make(
                base_dir=settings.BASE_DIR,
                data_dir=settings.DATA_DIR,
                port=options["port"],
                workers=options["workers"],
            )
        except StartFailed as error:
            raise CommandError(str(error)) from error
        house = House(self._say, claim.descriptor)
        house.heed_signals()
        try:
            self._start(house, plan, claim, has_demo=options["demo"])
            house.keep()
        except StopAsked:
            pass  # asked for while it was starting; what runs is stopped below
        except StartFailed as error:
            raise CommandError(str(error)) from error
        finally:
            self._say("stopping")
            house.stop()
            claim.release()
        self._say("stopped")

    def _say(self, words: str) -> None:
        self.stdout.write(f"[{time.monotonic() - self.started_at:6.1f} s] {words}")
        self.stdout.flush()

    def _start(self, house: House, plan: Plan, claim: Claim, *, has_demo: bool) -> None:
        for part in plan.stores():
            self._say(f"starting {part.name}")
            house.wait_ready(house.start(part))
        preparations = plan.preparations()
        self._say(f"preparing: {', '.join(part.name for part in preparations)}")
        house.run_to_end(preparations)
        told = ("REDIS_URL", "POWEROFFICE_SANDBOX_URL", "PUBLIC_URL")
        claim.note({name: plan.environment[name] for name in told})
        self._say("starting web, workers and scheduler")
        web = house.start(plan.web())
        for part in plan.background():
            house.start(part)
        house.wait_ready(web)
        if has_demo and house.run_in_the_open(plan.demo()):
            raise StartFailed("The demo data could not be made; what it said stands above.")
        self._welcome(plan)

    def _welcome(self, plan: Plan) -> None:
        url = plan.environment["PUBLIC_URL"]
        lines = [f"ready: {url}", f"        API and its documentation: {url}/api/docs/"]
        login = plan.data_dir / LOGIN_NOTE
        if login.exists():
            lines += [f"        {line}" for line in login.read_text().splitlines()]
        if plan.sandbox_port is not None:
            lines.append(
                f"        the PowerOffice sandbox and its books: {plan.environment['POWEROFFICE_SANDBOX_URL']}"
            )
        lines.append(f"        data in {os.path.relpath(plan.data_dir)}; Ctrl-C stops everything")
        for line in lines:
            self._say(line)
