"""Gunicorn in production: `gunicorn --config deploy/gunicorn.conf.py backoffice.wsgi`."""

import os

bind = os.environ.get("BIND", "0.0.0.0:8000")  # in a container; behind a proxy on the same machine: 127.0.0.1:8000
worker_class = "gthread"
workers = int(os.environ.get("WEB_PROCESSES", "2"))
threads = 8
# Loaded once, then forked: half the memory. A deploy restarts the master, so nothing old is kept.
preload_app = True
timeout = 60
graceful_timeout = 30
# A worker that has grown is replaced; not all at the same time.
max_requests = 10_000
max_requests_jitter = 1_000
accesslog = "-"
control_socket_disable = True
