"""Causes that keep an event from reaching the sales system. Nothing in the books waits for it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.console.causes.entry import Cause, Who

S, A = Who.SHOP, Who.ADMINISTRATOR

WEBHOOKS: tuple[Cause, ...] = (
    Cause(
        "webhook_address_refused",
        _("The webhook address may not be called"),
        _("It is not https, or it leads to a private address. Nothing was sent, so that nobody can reach inside."),
        A,
        _("Enter an https address that is open to the internet. Then send again what was given up."),
    ),
    Cause(
        "webhook_no_connection",
        _("The webhook address cannot be reached"),
        _("Its name is unknown, nobody listens there, or its certificate is not valid."),
        S,
        _("Start the receiver or mend its certificate. It is tried again by itself for three days."),
    ),
    Cause(
        "webhook_timeout",
        _("The webhook address answers too slowly"),
        _("No whole answer came within eight seconds. The event may have arrived; it comes again with the same id."),
        S,
        _("Store the event, answer 200 at once, and work on it afterwards."),
    ),
    Cause(
        "webhook_broken_off",
        _("The webhook address broke the connection off"),
        _("The connection ended before an answer was read. The event may have arrived; it comes again."),
        S,
        _("Look into the receiver's log. It is tried again by itself for three days."),
    ),
    Cause(
        "webhook_redirect",
        _("The webhook address leads elsewhere"),
        _("The receiver answered with a redirect, and those are not followed."),
        A,
        _("Enter the address it leads to."),
    ),
    Cause(
        "webhook_refused",
        _("The sales system refused the event"),
        _("It answered something other than 2xx. The attempts show what it said."),
        S,
        _("Mend the receiver; often the secret there is an old one. It is tried again by itself for three days."),
    ),
    Cause(
        "webhook_secret_closed",
        _("The webhook's secret cannot be opened"),
        _("No key in CREDENTIALS_KEYS opens what was stored, so that nothing can be signed."),
        A,
        _("Bring the old key back, or make a new secret and enter it in the sales system."),
    ),
    Cause(
        "webhook_given_up",
        _("The event was given up"),
        _("The address has taken nothing for three days, so that this event was not tried any more."),
        S,
        _("Mend the receiver, then send again what was given up. The feed has all of it too."),
    ),
)
