"""Forms whose every save stands in the audit trail, in the same transaction."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.forms import Form, ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst

from backoffice.audit.services import Actor, record
from backoffice.clients.admin_base import ClientAdmin
from backoffice.clients.models import Client
from backoffice.clients.scope import person
from backoffice.clients.selectors import Right, clients_of
from backoffice.common.models import MinorField
from backoffice.console.setup.fields import AmountField

#: written by the house itself; no change a person made
OWN_COLUMNS = frozenset({"id", "created_at", "updated_at", "password", "last_login", "secret_sha256", "sealed_secrets"})


def values_of(obj: models.Model) -> dict[str, Any]:
    """Give a row's columns as plain values for the audit trail, without secrets."""
    fields = [one for one in obj._meta.concrete_fields if one.name not in OWN_COLUMNS]
    return {one.name: one.value_to_string(obj) for one in fields}


def differing(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Keep only what changed."""
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before[name] for name in names if name in before}, {name: after[name] for name in names}


def record_change(*, obj: models.Model, noun: str, client: Client | None, actor: Actor, before: dict[str, Any]) -> None:
    """Tell the audit trail that a row was created (before is empty) or changed; nothing when nothing changed."""
    was, became = differing(before, values_of(obj))
    if not became:
        return
    record(
        action=f"{noun}.changed" if before else f"{noun}.created",
        actor=actor,
        subject_type=noun,
        subject_id=obj.pk,
        client=client,
        label=str(obj),
        before=was,
        after=became,
    )


class AuditedAdmin(ClientAdmin):
    """A form for set-up data. `noun` names it in the audit trail; `edit_right` says who may save."""

    noun = ""
    edit_right: Right | None = Right.ADMINISTER
    change_list_template = "console/list.html"
    warn_unsaved_form = True

    def get_client(self, obj: Any) -> Client | None:
        """The client in whose chain the change is told."""
        return self.client_of(obj)

    def may_save(self, request: HttpRequest, obj: Any) -> bool:
        """Whether the person has the right at the client that the form names."""
        client = self.get_client(obj)
        user = person(request)
        if client is None or client.pk is None:
            return user.is_superuser
        return clients_of(user, self.edit_right or Right.ADMINISTER).filter(pk=client.pk).exists()

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        """Save and tell, or refuse."""
        if not self.may_save(request, obj):
            raise PermissionDenied
        with transaction.atomic():
            before = values_of(type(obj)._default_manager.get(pk=obj.pk)) if change else {}
            obj.save()
            client = self.get_client(obj)
            record_change(obj=obj, noun=self.noun, client=client, actor=Actor.person(person(request)), before=before)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Ask for amounts as people write them."""
        if isinstance(db_field, MinorField):
            return AmountField(label=capfirst(db_field.verbose_name), required=not db_field.blank)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only clients at which the person may save, and only their sales points."""
        mine = clients_of(person(request), self.edit_right or Right.ADMINISTER)
        model = db_field.remote_field.model
        if model is Client:
            kwargs["queryset"] = mine
        elif hasattr(model, "client"):
            kwargs["queryset"] = model._default_manager.filter(client__in=mine)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Our own audit trail is the log."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Our own audit trail is the log."""

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """No pop-ups: a related thing is added on its own page."""
        if IS_POPUP_VAR in request.POST:
            raise PermissionDenied
        return super().response_add(request, obj, post_url_continue)  # type: ignore[no-any-return]  # unfold

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> type[Form]:
        """Leave out the pop-up links beside related fields."""
        form = super().get_form(request, obj, change, **kwargs)
        for field in form.base_fields.values():
            for name in ("can_add_related", "can_change_related", "can_delete_related", "can_view_related"):
                if hasattr(field.widget, name):
                    setattr(field.widget, name, False)
        return form  # type: ignore[no-any-return]  # unfold
