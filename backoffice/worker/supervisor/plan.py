"""What one machine runs, and how each part is started. The order is the order of the start."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from backoffice.worker.supervisor.addresses import LOOPBACK, answers, is_free, remembered_port
from backoffice.worker.supervisor.parts import Part, StartFailed
from backoffice.worker.supervisor.valkey import Valkey, embedded_valkey, has_workers


@dataclass(frozen=True)
class Plan:
    """Everything that is decided before anything starts. environment holds what the parts are told."""

    base_dir: Path
    data_dir: Path
    port: int
    workers: int
    environment: dict[str, str]
    valkey: Valkey | None
    sandbox_port: int | None
    #: the port the sandbox had before, when somebody else has taken it
    moved_from: int | None

    @classmethod
    def make(cls, *, base_dir: Path, data_dir: Path, port: int, workers: int) -> Plan:
        """Decide what is embedded and what is given; raise StartFailed when the port is taken."""
        if not is_free(port):
            raise StartFailed(
                f"Port {port} on this machine is taken. Stop what listens there, or choose another one:\n"
                f'    make run ARGS="--port {port + 1}"'
            )
        environment = {**os.environ, "DATA_DIR": str(data_dir), "PYTHONUNBUFFERED": "1"}
        environment.setdefault("PUBLIC_URL", f"http://{LOOPBACK}:{port}")
        valkey = None
        if not os.environ.get("REDIS_URL"):
            valkey = embedded_valkey(data_dir)
            environment["REDIS_URL"] = valkey.url
        sandbox_port = moved_from = None
        if not os.environ.get("POWEROFFICE_SANDBOX_URL"):
            sandbox_port, moved_from = remembered_port(data_dir / "poweroffice-sandbox.port")
            environment["POWEROFFICE_SANDBOX_URL"] = f"http://{LOOPBACK}:{sandbox_port}"
        return cls(base_dir, data_dir, port, workers, environment, valkey, sandbox_port, moved_from)

    def _part(self, name: str, *command: str, **options: object) -> Part:
        return Part(name, command, self.environment, self.data_dir / "logs" / f"{name}.log", **options)  # type: ignore[arg-type]  # passed on

    def _manage(self, name: str, *arguments: str, **options: object) -> Part:
        return self._part(name, sys.executable, str(self.base_dir / "manage.py"), *arguments, **options)

    def stores(self) -> list[Part]:
        """What the rest stands on: Valkey and the sandbox, where they are ours to start."""
        parts = []
        if self.valkey is not None:
            parts.append(self._part("valkey", *self.valkey.command, is_ready=self.valkey.is_ready))
        if self.sandbox_port is not None:
            port = self.sandbox_port
            state = self.data_dir / "poweroffice-sandbox.sqlite3"
            module = "integrations.poweroffice.sandbox"
            command = (sys.executable, "-m", module, "--port", str(port), "--state", str(state))
            parts.append(self._part("sandbox", *command, is_ready=lambda: answers(port)))
        return parts

    def migrate(self) -> Part:
        """The tables, brought up to date."""
        return self._manage("migrate", "migrate", "--no-input", "--verbosity", "0")

    def web(self) -> Part:
        """The web server."""
        command = [sys.executable, "-m", "gunicorn", "backoffice.wsgi", "--bind", f"{LOOPBACK}:{self.port}"]
        command += ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--chdir", str(self.base_dir)]
        # Loaded once, then forked. No control socket: it would lie in the home directory, one for all houses.
        command += ["--preload", "--no-control-socket", "--access-logfile", "-"]
        return self._part("gunicorn", *command, is_ready=self.is_ready)

    def background(self) -> list[Part]:
        """Workers and the scheduler."""
        workers = [
            self._manage(f"rqworker-{number}", "rqworker", "default", stop_grace_s=30.0, is_ready=self._has_workers)
            for number in range(1, self.workers + 1)
        ]
        return [*workers, self._manage("scheduler", "scheduler")]

    def _has_workers(self) -> bool:
        return has_workers(self.environment["REDIS_URL"], self.workers)

    def demo(self) -> Part:
        """Demo data, made once; its progress is shown."""
        return self._manage("demo", "demo")

    def is_ready(self) -> bool:
        """Whether /readyz answers 200, asked as a proxy in front would, so that no redirect to HTTPS is in the way."""
        public = urlsplit(self.environment["PUBLIC_URL"])
        headers = {"Host": public.netloc, "X-Forwarded-Proto": public.scheme}
        request = urllib.request.Request(f"http://{LOOPBACK}:{self.port}/readyz", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=2) as answer:  # noqa: S310  # loopback
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False
