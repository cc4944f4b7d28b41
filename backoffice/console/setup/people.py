"""People and their roles at clients."""

from __future__ import annotations

from typing import Any

from axes.utils import reset
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.forms import AdminPasswordChangeForm, UserCreationForm
from unfold.forms import UserChangeForm as ThemeUserChangeForm

from backoffice.audit.services import Actor, record
from backoffice.clients.filters import ClientFilter
from backoffice.clients.models import Client, Membership, User
from backoffice.clients.scope import person
from backoffice.clients.selectors import Right, clients_of
from backoffice.common.display import money, page_address
from backoffice.console.setup.audited import AuditedAdmin
from backoffice.console.setup.clients import active_badge


class AdministratorsOnly(AuditedAdmin):
    """A list that only administrators see, of the clients they administer."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Administrators read."""
        return self._has(request, Right.ADMINISTER, None)


class MembershipAdmin(AdministratorsOnly):
    """Who may do what at which client."""

    noun = "membership"
    list_display = ("user_cell", "client", "role", "limit_cell", "act_cell")
    list_display_links = None
    list_select_related = ("user", "client")
    list_filter = (ClientFilter,)
    search_fields = ("user__username", "user__last_name", "user__email")
    fields = ("user", "client", "role", "approve_up_to_minor")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Roles at clients that the person administers."""
        return super().get_queryset(request).filter(client__in=clients_of(person(request), Right.ADMINISTER))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A role stays with its person and client; another one is a new role."""
        return ("user", "client") if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer people of the person's own clients and those who have no role yet."""
        if db_field.name == "user" and not person(request).is_superuser:
            mine = clients_of(person(request), Right.ADMINISTER)
            known = User.objects.filter(Q(memberships__client__in=mine) | Q(memberships=None), is_superuser=False)
            kwargs["queryset"] = known.distinct()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description=gettext_lazy("person"), ordering="user__username")
    def user_cell(self, row: Membership) -> SafeString:
        """Lead to the role's form."""
        name = row.user.get_full_name() or row.user.get_username()
        return format_html('<a class="bo-link" href="{}">{}</a>', page_address(row), name)

    @admin.display(description=gettext_lazy("may approve up to"))
    def limit_cell(self, row: Membership) -> str:
        """Show the limit in the client's currency."""
        return "" if row.approve_up_to_minor is None else money(row.approve_up_to_minor, row.client.currency)

    @admin.display(description="")
    def act_cell(self, row: Membership) -> SafeString:
        """Lead to the page that takes the role away."""
        address = reverse("admin:remove_membership", args=[row.pk])
        return format_html('<a class="bo-link" href="{}">{}</a>', address, _("Take away"))


def remove_membership(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then take a role away."""
    mine = clients_of(person(request), Right.ADMINISTER)
    row = get_object_or_404(Membership.objects.select_related("user", "client"), pk=pk, client__in=mine)
    if request.method != "POST":
        context = {**admin.site.each_context(request), "title": _("Take a role away"), "row": row}
        return TemplateResponse(request, "console/membership_remove.html", context)
    with transaction.atomic():
        record(
            action="membership.removed",
            actor=Actor.person(person(request)),
            subject_type="membership",
            subject_id=row.pk,
            client=row.client,
            label=str(row),
        )
        row.delete()
    messages.success(request, _("The role is taken away."))
    return redirect("admin:clients_membership_changelist")


class PersonForm(ThemeUserChangeForm):  # type: ignore[misc]  # unfold carries no types
    """A person's own data."""

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email", "language", "is_active", "is_superuser", "password")


class NewPersonForm(UserCreationForm):  # type: ignore[misc]  # unfold carries no types
    """A new person; the password is told to them and changed by them."""

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email")


def set_password(request: HttpRequest, pk: int) -> HttpResponse:
    """Give somebody a new password; only a superuser does."""
    if not person(request).is_superuser:
        raise PermissionDenied
    user = get_object_or_404(User, pk=pk)
    form = AdminPasswordChangeForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
            record(
                action="user.password_set",
                actor=Actor.person(person(request)),
                subject_type="user",
                subject_id=user.pk,
                client=None,
                label=str(user),
            )
        reset(username=user.get_username())
        messages.success(request, _("The new password counts from now on. Tell it to the person; they can change it."))
        return redirect("admin:clients_user_change", pk)
    context = {**admin.site.each_context(request), "title": _("Set a new password"), "person": user, "form": form}
    return TemplateResponse(request, "console/password.html", context)


class UserAdmin(AdministratorsOnly):
    """People. Administrators add them and see those of their clients; only a superuser changes somebody's login."""

    noun = "user"
    client_path = "memberships__client"
    form = PersonForm
    add_form = NewPersonForm
    change_form_template = "console/person_form.html"
    list_display = ("name_cell", "full_name", "email", "roles_cell", "last_login", "active_cell")
    list_display_links = None
    search_fields = ("username", "first_name", "last_name", "email")
    ordering = ("username",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """People with a role at a client that the person administers; all for a superuser."""
        people = User.objects.prefetch_related("memberships__client")
        if person(request).is_superuser:
            return people
        mine = clients_of(person(request), Right.ADMINISTER)
        return people.filter(memberships__client__in=mine).distinct()

    def get_client(self, obj: User) -> Client | None:
        """A person belongs to the installation."""
        return None

    def may_save(self, request: HttpRequest, obj: User) -> bool:
        """Administrators add people; only a superuser changes them."""
        if person(request).is_superuser:
            return True
        return obj.pk is None and not obj.is_superuser and self._has(request, Right.ADMINISTER, None)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a superuser changes somebody's login."""
        return request.user.is_superuser

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Administrators add people."""
        return self._has(request, Right.ADMINISTER, None)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for the password only once."""
        names = ["username", "first_name", "last_name", "email"]
        if obj is None:
            return [(None, {"fields": [*names, "password1", "password2"]})]
        return [(None, {"fields": [*names, "language", "is_active", "is_superuser"]})]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> type[forms.Form]:
        """Use the form with a password for new people."""
        if obj is None:
            kwargs["form"] = self.add_form
        return super().get_form(request, obj, change, **kwargs)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Offer a new password beside the form, to those who may change it."""
        extra = {"password_for": object_id if self.has_change_permission(request) else ""}
        return super().change_view(request, object_id, form_url, extra | (extra_context or {}))  # type: ignore[no-any-return]  # unfold

    @admin.display(description=gettext_lazy("user name"), ordering="username")
    def name_cell(self, user: User) -> SafeString:
        """Lead to the person's form."""
        return format_html('<a class="bo-link" href="{}">{}</a>', page_address(user), user.username)

    @admin.display(description=gettext_lazy("name"))
    def full_name(self, user: User) -> str:
        """Show the whole name."""
        return user.get_full_name()

    @admin.display(description=gettext_lazy("roles"))
    def roles_cell(self, user: User) -> str:
        """List the roles."""
        if user.is_superuser:
            return _("runs the installation")
        return ", ".join(f"{row.client}: {row.get_role_display()}" for row in user.memberships.all())

    @admin.display(description=gettext_lazy("state"))
    def active_cell(self, user: User) -> SafeString:
        """Show whether the login works."""
        return active_badge(user.is_active)
