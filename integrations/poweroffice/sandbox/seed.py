"""Fill the books of a new company: chart of accounts, dimensions, terms, branding themes, settings."""

from .books import Books
from .seed_accounts import CHART, account_type
from .seed_vat import vat_on
from .store import Row

_DEPARTMENTS = (("10", "Nettbutikk"), ("20", "Butikk sentrum"), ("30", "Kafé"), ("90", "Nedlagt avdeling"))
_LOCATIONS = (("OSL", "Oslo"), ("BGO", "Bergen"), ("TRD", "Trondheim"))
_PROJECTS = (("100", "Sommerkampanje"), ("200", "Ombygging"))
_DIMENSIONS = (
    (1, "WEB", "Nett"),
    (1, "POS", "Kasse"),
    (2, "B2B", "Bedrift"),
    (2, "B2C", "Privat"),
    (3, "A", "Annet"),
)
_TERMS = ((0, "Kontant"), (10, "Netto 10 dager"), (14, "Netto 14 dager"), (30, "Netto 30 dager"))
_THEMES = (("STD", "Standard", True), ("PAID", "Betalt i nettbutikken", False))
INACTIVE_DEPARTMENT = "90"
DEFAULT_CREDIT_DAYS = 14


def open_books(books: Books) -> None:
    """Give a company its starting books, once."""
    if books.settings.get("opened") is not None:
        return
    books.set_setting("opened", books.clock.now)
    books.set_lock_date(books.client.lock_date)
    _accounts(books)
    _dimensions(books)
    _terms(books)


def _stamped(books: Books, **values: object) -> Row:
    now = books.clock.now
    return {"Id": books.next_id(), **values, "CreatedDateTimeOffset": now, "LastChangedDateTimeOffset": now}


def _accounts(books: Books) -> None:
    for seed in CHART:
        vat = vat_on(seed.vat_code, books.clock.today)
        assert vat is not None
        row = {
            "AccountNo": seed.number,
            "AgricultureDepartment": "None",
            "CurrencyCode": None,
            "DepartmentCode": None,
            "DepartmentId": None,
            "GeneralLedgerAccountType": account_type(seed.number),
            "IsActive": "inactive" not in seed.marks,
            "IsDepartmentRequired": "department" in seed.marks,
            "IsProjectRequired": False,
            "IsVatCodeLocked": "locked" in seed.marks,
            "Name": seed.name,
            "Unit1": None,
            "Unit2": None,
            "VatCode": seed.vat_code,
            "VatCodeId": vat.vat_id,
            "VatReturnSpecification": "None",
            "is_control": "control" in seed.marks,
            "is_vat": "vat" in seed.marks,
        }
        books.accounts.put(_stamped(books, **row))


def _dimensions(books: Books) -> None:
    for code, name in _DEPARTMENTS:
        books.departments.put(_stamped(books, Code=code, Name=name, IsActive=code != INACTIVE_DEPARTMENT))
    for code, name in _LOCATIONS:
        books.locations.put(_stamped(books, Code=code, Name=name, IsActive=True))
    for code, name in _PROJECTS:
        books.projects.put(_stamped(books, Code=code, Name=name, IsActive=True, ProjectStatus="Active"))
    for ordinal, code, name in _DIMENSIONS:
        books.dimensions.put(_stamped(books, Ordinal=ordinal, Code=code, Name=name, IsActive=True))


def _terms(books: Books) -> None:
    for days, name in _TERMS:
        is_default = days == DEFAULT_CREDIT_DAYS
        books.payment_terms.put(_stamped(books, Name=name, CreditDays=days, IsActive=True, IsDefault=is_default))
    books.delivery_terms.put(_stamped(books, Name="Fritt levert", IsDefault=True))
    for code, name, is_default in _THEMES:
        books.themes.put(_stamped(books, Code=code, Name=name, IsDefault=is_default, LanguageCode="nb-NO"))
