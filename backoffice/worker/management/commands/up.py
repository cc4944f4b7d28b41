"""Start all that is needed on one machine, keep it running, stop it in order."""

from __future__ import annotations

import os
import time
from argparse import ArgumentParser, BooleanOptionalAction
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from backoffice.worker.supervisor.claim import Claim
from backoffice.worker.supervisor.house import House, StopAsked
from backoffice.worker.supervisor.parts import Part, StartFailed
from backoffice.worker.supervisor.plan import Plan

#: the demo writes its login here; it is shown at every start
LOGIN_NOTE = "demo-login.txt"
#: that the demo data is there, so that the next start need not look
DEMO_NOTE = "demo.done"


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
        os.umask(0o077)  # books, logs and documents are for this user only
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
        if plan.moved_from:
            self._say(f"port {plan.moved_from} of the PowerOffice sandbox is taken; now it is {plan.sandbox_port}")
        stores = [house.start(part) for part in plan.stores()]
        self._say(f"starting {' and '.join(child.part.name for child in stores) or 'on stores that run elsewhere'}")
        preparations = self._preparations(plan)
        if preparations:
            self._say("bringing the database up to date")
            house.run_to_end(preparations)
        for child in stores:
            house.wait_ready(child)
        told = ("REDIS_URL", "POWEROFFICE_SANDBOX_URL", "PUBLIC_URL")
        claim.note({name: plan.environment[name] for name in told})
        self._say(f"starting web, {plan.workers} workers and scheduler")
        for child in [house.start(part) for part in (plan.web(), *plan.background())]:
            house.wait_ready(child)
        if has_demo and (preparations or not (plan.data_dir / DEMO_NOTE).exists()):
            if house.run_in_the_open(plan.demo()):
                raise StartFailed("The demo data could not be made; what it said stands above.")
            (plan.data_dir / DEMO_NOTE).touch()
        self._welcome(plan)

    def _preparations(self, plan: Plan) -> list[Part]:
        """Give what must have ended before the house opens: nothing when the database is up to date."""
        try:
            executor = MigrationExecutor(connection)
            is_behind = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        except OperationalError as error:
            raise StartFailed(f"The database does not answer; look at DATABASE_URL. It said: {error}") from error
        finally:
            connection.close()
        return [plan.migrate()] if is_behind else []

    def _welcome(self, plan: Plan) -> None:
        url = plan.environment["PUBLIC_URL"]
        lines = [f"ready: {url}", f"        API and its documentation: {url}/api/docs/"]
        login = plan.data_dir / LOGIN_NOTE
        if login.exists():
            lines += [f"        {line}" for line in login.read_text().splitlines()]
        else:
            lines.append("        no login yet? In another terminal: .venv/bin/python manage.py createsuperuser")
        if plan.sandbox_port is not None:
            lines.append(
                f"        the PowerOffice sandbox and its books: {plan.environment['POWEROFFICE_SANDBOX_URL']}"
            )
        lines.append(f"        data in {os.path.relpath(plan.data_dir)}; Ctrl-C stops everything")
        for line in lines:
            self._say(line)
