"""Settings for tests: a data folder of their own, no bells, cheap passwords, plain static files."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

# Tests that run side by side share nothing; a process that a test starts shares its test's folder.
if "DATA_DIR" not in os.environ or os.environ.get("TESTS_RUNNER", "") != os.environ.get("PYTEST_XDIST_WORKER", ""):
    os.environ["TESTS_RUNNER"] = os.environ.get("PYTEST_XDIST_WORKER", "")
    # in /tmp, for a socket's path must be short
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="backoffice-tests-", dir="/tmp")
    atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)
os.environ["QUEUE_RINGS"] = "0"

from backoffice.settings import *  # noqa: F403
from backoffice.settings import RQ_QUEUES, STORAGES

#: a socket in the data folder; tests/conftest.py starts a real server on it
RQ_QUEUES["default"]["URL"] = os.environ.get("REDIS_URL", f"unix://{os.environ['DATA_DIR']}/valkey.sock")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
