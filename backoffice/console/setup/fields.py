"""Form fields that ask as people answer: amounts in crowns, dimensions and themes by name instead of raw JSON."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice.chart.models import BrandingTheme, Dimension
from backoffice.clients.models import SalesPoint
from backoffice.vouchers.search import amount_of

DIMENSIONS: dict[str, Any] = {
    "department": gettext_lazy("Department"),
    "location": gettext_lazy("Location"),
    "project": gettext_lazy("Project"),
    "dim1": gettext_lazy("Dimension 1"),
    "dim2": gettext_lazy("Dimension 2"),
    "dim3": gettext_lazy("Dimension 3"),
}
DIMENSION_FIELDS: tuple[str, ...] = tuple(f"dimension_{kind}" for kind in DIMENSIONS)


class AmountField(forms.CharField):
    """An amount with two decimals, typed as "10 000,00" or "10000"; kept in minor units, None for an empty field."""

    widget = UnfoldAdminTextInputWidget

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", gettext_lazy("In the client's currency, for instance 10000.00."))
        super().__init__(max_length=30, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show minor units as an amount; what was typed wrongly stays as typed."""
        return f"{value // 100}.{value % 100:02d}" if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        """Read an amount; an unreadable or negative one is refused with how to write it."""
        text = super().clean(value)
        if not text:
            return None
        minor = amount_of(text)
        if minor is None or minor < 0:
            raise forms.ValidationError(_("Write an amount such as 10000.00."))
        return minor

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare amounts, not texts."""
        return bool(super().has_changed(self.prepare_value(initial), data))


def _code_field(kind: str) -> forms.CharField:
    return forms.CharField(label=DIMENSIONS[kind], required=False, max_length=50, widget=UnfoldAdminTextInputWidget)


class SalesPointForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy only
    """The answers that decide which document follows a sale, and the codes its documents carry."""

    dimension_department = _code_field("department")
    dimension_location = _code_field("location")
    dimension_project = _code_field("project")
    dimension_dim1 = _code_field("dim1")
    dimension_dim2 = _code_field("dim2")
    dimension_dim3 = _code_field("dim3")

    class Meta:
        model = SalesPoint
        exclude = ("dimensions",)  # noqa: DJ006  # the admin's fieldsets choose

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        client = self.instance.client if self.instance.pk else None
        for kind in DIMENSIONS:
            known = Dimension.objects.filter(client=client, kind=kind, is_active=True)
            pairs = [(one.code, str(one)) for one in known]
            self._offer(f"dimension_{kind}", pairs, self.instance.dimensions.get(kind) or "")
        themes = [(one.code, str(one)) for one in BrandingTheme.objects.filter(client=client, is_active=True)]
        for name in ("theme_unpaid", "theme_paid"):
            self._offer(name, themes, getattr(self.instance, name))

    def _offer(self, name: str, pairs: list[tuple[str, str]], current: str) -> None:
        """Offer what was read from the accounting system, and what stands there now; else a plain field stays."""
        field = self.fields.get(name)
        if field is None:
            return
        field.initial = current
        if not pairs:
            return
        if current and current not in dict(pairs):
            pairs = [*pairs, (current, current)]
        choices = [("", "–"), *pairs]
        self.fields[name] = forms.ChoiceField(
            label=field.label,
            choices=choices,
            required=False,
            initial=current,
            widget=UnfoldAdminSelectWidget(choices=choices),
        )

    def save(self, commit: bool = True) -> Any:
        """Put the dimensions together."""
        codes = {kind: self.cleaned_data.get(f"dimension_{kind}", "") for kind in DIMENSIONS}
        self.instance.dimensions = {kind: code for kind, code in codes.items() if code}
        return super().save(commit)
