"""Logging in: who may enter, and in which language the pages greet them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django.views.i18n import set_language
from unfold.forms import AuthenticationForm

from backoffice.clients.models import User
from backoffice.clients.selectors import clients_of


def may_enter(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether somebody may use the pages: active, and with a role at a client at least."""
    if not isinstance(user, User) or not user.is_active:
        return False
    return user.is_superuser or clients_of(user).exists()


class LoginForm(AuthenticationForm):  # type: ignore[misc]  # unfold carries no types
    """Ask for name and password; whoever has a role at a client may enter, staff flag or not."""

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        """Raise ValidationError with the way out for those who have no role yet."""
        if not may_enter(user):
            raise ValidationError(
                _("You have no role at any client yet. Ask an administrator to give you one."), code="no_role"
            )


def remember_language(response: HttpResponse, code: str) -> None:
    """Keep the language of the pages in the browser."""
    if code in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, code, max_age=31_536_000, samesite="Lax", secure=settings.IS_HTTPS
        )


@require_POST
def switch_language(request: HttpRequest) -> HttpResponse:
    """Change the language of the pages, for this browser and for this person's next login."""
    response = set_language(request)
    code = request.POST.get("language", "")
    if isinstance(request.user, User) and code in dict(settings.LANGUAGES):
        User.objects.filter(pk=request.user.pk).update(language=code)
    return response
