"""From a connection to its adapter. Providers are named in settings.PROVIDERS by dotted path, never imported."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields

from django.conf import settings
from django.utils.module_loading import import_string

from backoffice.common.secrets import CannotOpen, unseal
from backoffice.connections.limiter import SealedTokens, SharedLimiter
from backoffice.connections.models import Connection
from backoffice.contracts.accounting import AccountingSystem
from backoffice.contracts.errors import Misconfigured
from backoffice.contracts.payouts import PayoutSource
from backoffice.contracts.provider import Provider
from backoffice.contracts.runtime import Runtime
from backoffice.contracts.sales import SalesChannel


@dataclass(frozen=True, slots=True)
class ConfigField:
    """One field of a provider's settings, as the form shows it."""

    name: str
    label: str
    help_text: str
    is_secret: bool
    is_required: bool
    choices: tuple[tuple[str, str], ...]
    default: str


def load_provider(name: str) -> type[Provider]:
    """Give a provider's class; raise Misconfigured when settings.PROVIDERS does not name it."""
    if name not in settings.PROVIDERS:
        raise Misconfigured(f"No provider is called {name!r}; known are {', '.join(sorted(settings.PROVIDERS))}.")
    provider: type[Provider] = import_string(settings.PROVIDERS[name])
    return provider


def config_fields(name: str) -> tuple[ConfigField, ...]:
    """List the settings a provider asks for, from its Config's metadata."""
    return tuple(
        ConfigField(
            name=one.name,
            label=one.metadata.get("label", one.name),
            help_text=one.metadata.get("help_text", ""),
            is_secret=bool(one.metadata.get("is_secret")),
            is_required=one.default is MISSING and one.default_factory is MISSING,
            choices=tuple((choice, choice) for choice in one.metadata.get("choices", ())),
            default=one.default if isinstance(one.default, str) else "",
        )
        for one in fields(load_provider(name).Config)
    )


def runtime() -> Runtime:
    """What the house lends to adapters."""
    return Runtime(SharedLimiter(), SealedTokens(), settings.PROVIDER_SETTINGS, settings.USER_AGENT)


def build_provider(connection: Connection) -> Provider:
    """Make the adapter of a connection from its settings and opened secrets; raise Misconfigured in plain words."""
    try:
        secrets = unseal(connection.sealed_secrets)
    except CannotOpen as error:
        raise Misconfigured(str(error), provider=connection.provider) from error
    return load_provider(connection.provider).build({**connection.settings, **secrets}, runtime())


def accounting_system(connection: Connection) -> AccountingSystem:
    """Build a connection's adapter that keeps books."""
    provider = build_provider(connection)
    if not isinstance(provider, AccountingSystem):
        raise Misconfigured(f"{connection} keeps no books.", provider=connection.provider)
    return provider


def sales_channel(connection: Connection) -> SalesChannel:
    """Build a connection's adapter that reports sales."""
    provider = build_provider(connection)
    if not isinstance(provider, SalesChannel):
        raise Misconfigured(f"{connection} reports no sales.", provider=connection.provider)
    return provider


def payout_source(connection: Connection) -> PayoutSource:
    """Build a connection's adapter that reports payouts."""
    provider = build_provider(connection)
    if not isinstance(provider, PayoutSource):
        raise Misconfigured(f"{connection} reports no payouts.", provider=connection.provider)
    return provider


def payout_reader(name: str) -> PayoutSource:
    """Build a provider's adapter without credentials, to read the files that a person downloaded."""
    provider = load_provider(name).build({}, runtime())
    if not isinstance(provider, PayoutSource):
        raise Misconfigured(f"{name} reports no payouts.", provider=name)
    return provider
