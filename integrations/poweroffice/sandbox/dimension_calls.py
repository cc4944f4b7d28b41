"""Departments, locations, projects and custom dimensions.

Source: OpenAPI `/Departments`, `/Locations`, `/Projects`, `/CustomDimensions`. A new department or location
is inactive unless it says otherwise, a new custom dimension is active; POST /Locations answers 200.
"""

from collections.abc import Callable
from typing import Any

from . import filters
from .calls import Call
from .errors import invalid, not_found
from .filters import Filter
from .lists import list_rows
from .messages import Response, answer
from .schema import Shape
from .shapes import CUSTOM_DIMENSION, DEPARTMENT, LOCATION, PROJECT
from .store import Row, Table

_COMMON: dict[str, Filter] = {
    "createdDateTimeOffsetGreaterThan": filters.newer("CreatedDateTimeOffset"),
    "lastChangedDateTimeOffsetGreaterThan": filters.newer("LastChangedDateTimeOffset"),
}
_FILTERS: dict[str, dict[str, Filter]] = {
    "departments": {
        **_COMMON,
        "codes": filters.values("Code"),
        "createdFromImportJournalId": filters.ignored,
        "isActive": filters.flag_is("IsActive"),
        "managerEmployeeNo": filters.ignored,
        "name": filters.values_ignoring_case("Name"),
    },
    "locations": {
        "codes": filters.values("Code"),
        "createdDateTimeOffsetGreaterThan": _COMMON["createdDateTimeOffsetGreaterThan"],
    },
    "projects": {
        **_COMMON,
        "customerNos": filters.numbers("CustomerNo"),
        "departmentCodes": filters.values("DepartmentCode"),
        "excludeArchivedProject": filters.only_if(lambda row: row["ProjectStatus"] != "Archived"),
        "includeSubProjects": filters.ignored,
        "name": filters.values_ignoring_case("Name"),
        "projectBillingMethod": filters.ignored,
        "projectCodes": filters.values("Code"),
        "projectManagerEmployeeNos": filters.ignored,
        "status": filters.exact("ProjectStatus"),
    },
    "dimensions": {
        **_COMMON,
        "codes": filters.values("Code"),
        "externalImportReference": filters.exact("ExternalImportReference"),
        "ordinal": filters.numbers("Ordinal"),
    },
}
_EXTRA: dict[str, tuple[str, ...]] = {
    "departments": ("CreatedFromImportJournalId", "ManagerEmployeeId", "ManagerEmployeeNo"),
    "locations": (),
    # What the vendor shows of a project and the sandbox keeps nothing of.
    "projects": tuple(
        (
            "AllowAllActivities AllowAllEmployees AttachExpenseVouchersWhenBilling BillableRate "
            "BillableRateSpecification BrandingThemeCode BrandingThemeId BudgetedBillableRate BudgetedCostOfGoods "
            "BudgetedHours BudgetedOtherOperatingExpenses BudgetedPayrollExpenses BudgetedRevenueHours "
            "BudgetedTotalRevenue ContactPersonId ContractNo CreatedFromImportJournalId CustomerId CustomerNo "
            "DeliveryTerm DeliveryTermId DenyTimeTracking DepartmentCode DepartmentId EndDate "
            "ExpenseMarkupDescription ExpenseMarkupEnabled ExpenseMarkupFactor ExternalNumber FixedPrice "
            "HourlyRateMarkupDescription HourlyRateMarkupEnabled HourlyRateMarkupFactor IsBillable IsInternal "
            "LocationCode LocationId ParentProjectCode ParentProjectId PaymentTermId PaymentTerms Progress "
            "ProjectBillingMethod ProjectManagerEmployeeId ProjectManagerEmployeeNo PurchaseOrderNo StartDate"
        ).split()
    ),
    "dimensions": ("CreatedFromImportJournalId", "ExternalImportReference"),
}
_TITLES = {
    "departments": "Department validation error(s)",
    "locations": "Location validation error(s)",
    "projects": "Project validation error(s)",
    "dimensions": "Custom Dimension validation error(s)",
}
_SHAPES: dict[str, Shape] = {
    "departments": DEPARTMENT,
    "locations": LOCATION,
    "projects": PROJECT,
    "dimensions": CUSTOM_DIMENSION,
}
# References of a project that are refused rather than forgotten.
_PROJECT_REFERENCES = "CustomerId DepartmentId LocationId ParentProjectId BrandingThemeId PaymentTermId".split()


def _table(call: Call, kind: str) -> Table:
    table: Table = getattr(call.books, kind)
    return table


def _shown(kind: str, row: Row) -> Row:
    shown = {name: value for name, value in row.items() if name[0].isupper()}
    return {**dict.fromkeys(_EXTRA[kind]), **shown}


def find(kind: str) -> Callable[[Call], Response]:
    """Give the handler that lists one kind of dimension."""
    return lambda call: list_rows(call, _table(call, kind).all(), _FILTERS[kind], lambda row: _shown(kind, row))


def read(kind: str) -> Callable[[Call], Response]:
    """Give the handler that shows one dimension."""

    def handle(call: Call) -> Response:
        what = _TITLES[kind].removesuffix(" validation error(s)")
        key = call.number_in_path("id", what)
        row = _table(call, kind).get(key)
        if row is None:
            raise not_found(f"{what} with id = {key} not found.")
        return answer(_shown(kind, row))

    return handle


def create(kind: str, status: int = 201) -> Callable[[Call], Response]:
    """Give the handler that creates one dimension; codes are unique (custom dimensions: per ordinal)."""

    def handle(call: Call) -> Response:
        title = _TITLES[kind]
        given = call.body(_SHAPES[kind], title)
        table = _table(call, kind)
        code = given.get("Code") or str(call.books.next_number(kind, 1001))
        _check(call, kind, table, given, code)
        now = call.books.clock.now
        row: Row = {
            **dict.fromkeys(_SHAPES[kind]),
            **given,
            "Id": call.books.next_id(),
            "Code": code,
            "IsActive": given.get("IsActive", kind in ("dimensions", "projects")),
            "CreatedDateTimeOffset": now,
            "LastChangedDateTimeOffset": now,
        }
        if kind == "projects":
            row["ProjectStatus"] = given.get("ProjectStatus", "Active")
        return answer(_shown(kind, table.put(row)), status)

    return handle


def _check(call: Call, kind: str, table: Table, given: dict[str, Any], code: str) -> None:
    title = _TITLES[kind]
    if not given["Name"].strip():
        raise invalid(title, "Name is required.")
    index: Any = code
    if kind == "dimensions":
        if not 1 <= given["Ordinal"] <= 3:
            raise invalid(title, "Ordinal must lie from 1 to 3.")
        index = (given["Ordinal"], code)
        reference = given.get("ExternalImportReference")
        if reference is not None and table.find("reference", reference):
            raise invalid(title, f"ExternalImportReference is already in use. '{reference}'.")
    if table.find("code", index):
        raise invalid(title, f"Code '{code}' is already in use.")
    if kind == "projects" and "." in code:
        raise invalid(title, "Code cannot contain '.'.")
    for name in ("ManagerEmployeeId", "ManagerEmployeeNo"):
        if given.get(name) is not None:
            raise not_found(f"Employee with {name} = {given[name]} not found.", title)
    if kind == "projects" and any(given.get(name) is not None for name in _PROJECT_REFERENCES):
        raise invalid(title, f"The sandbox keeps no {', '.join(_PROJECT_REFERENCES)} on projects.")


def settings(call: Call) -> Response:
    """List the three custom dimensions the company has named."""
    names = {1: "Salgskanal", 2: "Kundetype", 3: "Annet"}
    return answer([{"IsActive": True, "Name": name, "Ordinal": ordinal} for ordinal, name in names.items()])
