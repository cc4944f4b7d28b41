"""All settings, typed, with defaults that work on a fresh machine. Secrets may also come from NAME_FILE.

docs/settings.md lists every name; a test keeps the two together.
"""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

import environ
from cryptography.fernet import Fernet
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()

# --- Where things lie ------------------------------------------------------------------------------------------

DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)


PRODUCTION = env.bool("PRODUCTION", default=False)


def kept_secret(name: str, make: Any) -> str:
    """Read a secret from the environment, else from DATA_DIR where it is made on the first run.

    In production none is made, since it would be lost with the machine; the check backoffice.E001 asks for it.
    """
    value = env.str(name, default="")
    if value or PRODUCTION:
        return str(value)
    path = DATA_DIR / f"{name.lower()}.secret"
    if not path.exists():
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(make())
        with suppress(FileExistsError):  # another process made it first: the link is all or nothing
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()


def house_note(name: str) -> str:
    """Give what a running `manage.py up` has started, for commands given beside it; empty when none runs."""
    try:
        note = json.loads((DATA_DIR / "up.json").read_text())
        os.kill(int(note["PID"]), 0)
    except (OSError, ValueError, KeyError):
        return ""
    return str(note.get(name, ""))


# --- Security --------------------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = kept_secret("SECRET_KEY", lambda: secrets.token_urlsafe(60))
#: Keys that seal stored credentials, comma separated: the first seals, all of them open.
CREDENTIALS_KEYS = kept_secret("CREDENTIALS_KEYS", lambda: Fernet.generate_key().decode()).split(",")
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL.startswith("https://") else []
IS_HTTPS = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_SECURE = IS_HTTPS
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # asked from the machine itself, without TLS
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_USER_MODEL = "clients.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours: a quarter of an hour
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "admin/locked_out.html"
AXES_ENABLE_ADMIN = False
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"

# --- Django ----------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "backoffice.console",  # first: its templates override the admin's
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "backoffice.console.apps.ConsoleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_rq",
    "backoffice.common",
    "backoffice.clients",
    "backoffice.audit",
    "backoffice.connections",
    "backoffice.webhooks",
    "backoffice.chart",
    "backoffice.vouchers",
    "backoffice.sales",
    "backoffice.balances",
    "backoffice.invoices",
    "backoffice.settlements",
    "backoffice.workflows",
    "backoffice.worker",
    "backoffice.api",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "backoffice.common.middleware.request_id",
    "backoffice.common.middleware.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "backoffice.urls"
WSGI_APPLICATION = "backoffice.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Database --------------------------------------------------------------------------------------------------

DATABASE_URL = env.str("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'backoffice.sqlite3'}")
DATABASES: dict[str, dict[str, Any]] = {"default": environ.Env.db_url_config(DATABASE_URL)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # DEFERRED transactions die with "database is locked" as soon as two processes write; IMMEDIATE ones wait.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=30000;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# --- Queue and cache -------------------------------------------------------------------------------------------

REDIS_URL = env.str("REDIS_URL", default=house_note("REDIS_URL") or "redis://127.0.0.1:6379/0")
RQ_QUEUES = {"default": {"URL": REDIS_URL, "DEFAULT_TIMEOUT": 900, "DEFAULT_RESULT_TTL": 0}}
#: A bell is rung only when the row it announces is committed.
RQ = {"COMMIT_MODE": "on_db_commit", "WORKER_CLASS": "backoffice.worker.horses.HouseWorker"}
#: False in tests and in one-off commands that drain by themselves.
QUEUE_RINGS = env.bool("QUEUE_RINGS", default=True)

# --- Deliveries ------------------------------------------------------------------------------------------------

#: How long a worker may hold a delivery without a sign of life before it counts as in doubt.
LEASE_S = env.int("LEASE_S", default=120)
#: A look-up that finds nothing proves nothing before this much time has passed (reads lag behind writes).
DOUBT_WAIT_S = env.int("DOUBT_WAIT_S", default=5)
#: How old the synced lock date may be before it is read again ahead of a posting.
LIMITS_MAX_AGE_S = env.int("LIMITS_MAX_AGE_S", default=600)
POWEROFFICE_REQUESTS_PER_SECOND = env.int("POWEROFFICE_REQUESTS_PER_SECOND", default=9)

# --- Providers -------------------------------------------------------------------------------------------------

#: Dotted paths only: the house never imports a provider.
PROVIDERS = {
    "poweroffice": "integrations.poweroffice.adapter.PowerOffice",
    "woocommerce": "integrations.woocommerce.adapter.WooCommerce",
    "vipps": "integrations.vipps.adapter.Vipps",
    "klarna": "integrations.klarna.adapter.Klarna",
    "stripe": "integrations.stripe.adapter.Stripe",
    "zettle": "integrations.zettle.adapter.Zettle",
    "swedbankpay": "integrations.swedbankpay.adapter.SwedbankPay",
}
#: reads SAF-T Cash Register files into day closings
CASH_REGISTER_READER = "integrations.saft_cash_register.reading.read_file"
#: by the currency of the books: the bank whose rates VAT is counted by
RATE_SOURCES = {
    "NOK": "integrations.norges_bank.adapter.NorgesBank",
    "PLN": "integrations.nbp.adapter.Nbp",
}
#: whether these banks are asked; without it rates are entered by hand
FETCH_EXCHANGE_RATES = env.bool("FETCH_EXCHANGE_RATES", default=PRODUCTION)
#: posts signed events to the sales systems
WEBHOOK_SENDER = "integrations.outgoing_webhook.sending.post"
#: for trials on one machine only: webhooks may go to http:// and to private addresses
WEBHOOKS_ALLOW_PRIVATE = env.bool("WEBHOOKS_ALLOW_PRIVATE", default=False)
#: for how many days the feed and the deliveries keep an event; fewer than 7 count as 7
WEBHOOK_EVENT_DAYS = env.int("WEBHOOK_EVENT_DAYS", default=90)
#: The defaults open the built-in sandbox only.
PROVIDER_SETTINGS = {
    "POWEROFFICE_APPLICATION_KEY": env.str(
        "POWEROFFICE_APPLICATION_KEY", default="5a4d8c10-0000-4000-8000-000000000001"
    ),
    "POWEROFFICE_SUBSCRIPTION_KEY": env.str("POWEROFFICE_SUBSCRIPTION_KEY", default="5a4d8c100000400080000000000000f1"),
    "POWEROFFICE_SANDBOX_URL": env.str("POWEROFFICE_SANDBOX_URL", default=house_note("POWEROFFICE_SANDBOX_URL")),
    "WOOCOMMERCE_SANDBOX_URL": env.str("WOOCOMMERCE_SANDBOX_URL", default=""),
    "VIPPS_SANDBOX_URL": env.str("VIPPS_SANDBOX_URL", default=""),
    "KLARNA_SANDBOX_URL": env.str("KLARNA_SANDBOX_URL", default=""),
    "STRIPE_SANDBOX_URL": env.str("STRIPE_SANDBOX_URL", default=""),
    "ZETTLE_SANDBOX_URL": env.str("ZETTLE_SANDBOX_URL", default=""),
    "NORGES_BANK_SANDBOX_URL": env.str("NORGES_BANK_SANDBOX_URL", default=""),
    "NBP_SANDBOX_URL": env.str("NBP_SANDBOX_URL", default=""),
    "POWEROFFICE_REQUESTS_PER_SECOND": str(POWEROFFICE_REQUESTS_PER_SECOND),
}
USER_AGENT = env.str("USER_AGENT", default="backoffice/1 (+https://backoffice.example)")

# --- Languages, time, files ------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("nb", _("Norwegian")), ("pl", _("Polish"))]
LOCALE_PATHS = [BASE_DIR / "backoffice" / "locale"]
#: dates as 2026-11-25 in English, where month/day and day/month are mixed up too easily
FORMAT_MODULE_PATH = ["backoffice.locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Oslo"
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
#: On one machine files are served from where they lie; in production `collectstatic` gathers and compresses them.
WHITENOISE_USE_FINDERS = not PRODUCTION
MEDIA_ROOT = DATA_DIR / "documents"
#: the largest SAF-T file of a till that is taken
TILL_FILE_MAX_MB = env.int("TILL_FILE_MAX_MB", default=4_096)
#: the largest settlement file of a payment provider that is taken
PAYOUT_FILE_MAX_MB = env.int("PAYOUT_FILE_MAX_MB", default=20)
#: for how many days a link opens a document for the customer
DOCUMENT_LINK_DAYS = env.int("DOCUMENT_LINK_DAYS", default=90)
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
EMAIL_BACKEND = EMAIL_CONFIG["EMAIL_BACKEND"]
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="backoffice@localhost")

# --- REST API --------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["backoffice.api.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["backoffice.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "backoffice.api.schema.ApiSchema",
    "EXCEPTION_HANDLER": "backoffice.api.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "COERCE_DECIMAL_TO_STRING": True,
}
API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", default=1_200)
#: When set, /metrics must be asked for with it as a bearer token.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
SPECTACULAR_SETTINGS = {
    "TITLE": "Back office API",
    "VERSION": "1",
    "DESCRIPTION": "Hand over sales, payments and closings; read what became of them in the books.",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [],  # enums stand where they are used
    "OAS_VERSION": "3.1.1",
}

# --- Logs ------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"axes": {"level": "ERROR"}, "httpx": {"level": "WARNING"}, "rq.worker": {"level": "WARNING"}}
    | {name: {"level": "WARNING"} for name in ("weasyprint", "weasyprint.progress", "fontTools")},
}

# --- Admin look: backoffice/console/site.py holds navigation and callbacks ----------------------------------------

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Back office",
    "SITE_HEADER": "Back office",
    "SITE_SYMBOL": "receipt_long",
    "SITE_URL": None,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "backoffice.console.site.favicon"}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "DASHBOARD_CALLBACK": "backoffice.console.desk.dashboard",
    "ENVIRONMENT": "backoffice.console.site.environment",
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": "backoffice.console.site.navigation",
    },
    "STYLES": ["backoffice.console.site.stylesheet"],
    "SCRIPTS": ["backoffice.console.site.script"],
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 254.604)",
            "100": "oklch(93.2% .032 255.585)",
            "200": "oklch(88.2% .059 254.128)",
            "300": "oklch(80.9% .105 251.813)",
            "400": "oklch(70.7% .165 254.624)",
            "500": "oklch(62.3% .214 259.815)",
            "600": "oklch(54.6% .245 262.881)",
            "700": "oklch(48.8% .243 264.376)",
            "800": "oklch(42.4% .199 265.638)",
            "900": "oklch(37.9% .146 265.522)",
            "950": "oklch(28.2% .091 267.935)",
        }
    },
}
