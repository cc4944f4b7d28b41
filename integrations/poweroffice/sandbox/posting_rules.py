"""The rules a line must keep before it may enter the ledger.

Source: semantics of direct voucher posting; the exact sentences of the vendor for these refusals are not
published.
"""

from collections.abc import Iterable

from .books import Books
from .errors import invalid, not_found
from .posting import Line
from .seed_vat import VAT_BY_ID, SeedVat
from .store import Row

LOSS_CODES = ("1", "11", "12", "13")


def account_and_customer(books: Books, account_id: int, title: str) -> tuple[Row, Row | None]:
    """Find what an AccountId names: a ledger account, or a customer by SubledgerAccountId. Control accounts:
    400."""
    account = books.accounts.get(account_id)
    if account is None:
        found = books.customers.find("ledger", account_id)
        if not found:
            raise not_found(f"Account with id = {account_id} not found.", title)
        customer = found[0]
        if customer["IsArchived"]:
            raise invalid(title, f"Customer {customer['Number']} is archived and cannot be posted to.")
        return books.control_account, customer
    number = account["AccountNo"]
    if account["is_control"]:
        raise invalid(title, f"Account {number} is a sub-ledger control account. Post to the customer's account.")
    if account["is_vat"]:
        raise invalid(title, f"Account {number} is written by VAT codes and cannot be posted to directly.")
    return account, None


def vat_for(vat_id: int, account: Row, customer: Row | None, dated_on: str, title: str) -> SeedVat:
    """Find a VAT code by id and check it against the date and the account."""
    vat = VAT_BY_ID.get(vat_id)
    if vat is None:
        raise not_found(f"Vat code with id = {vat_id} not found.", title)
    if dated_on < vat.valid_from or (vat.valid_to is not None and dated_on > vat.valid_to):
        raise invalid(title, f"Vat code {vat.code} (id = {vat_id}) is not valid on {dated_on}.")
    number = customer["Number"] if customer else account["AccountNo"]
    if customer is not None and vat.rate:
        raise invalid(title, f"Vat code {vat.code} is not valid for account {number}: a customer has no VAT.")
    if customer is None and account["IsVatCodeLocked"] and vat.code != account["VatCode"]:
        raise invalid(title, f"Vat code {vat.code} is not valid for account {number}.")
    return vat


def check_account(line: Line, title: str) -> None:
    """Check what the account demands of a line: active, required dimensions, an amount."""
    account = line.account
    number = account["AccountNo"]
    if not account["IsActive"]:
        raise invalid(title, f"Account {number} is not active.")
    if account["IsDepartmentRequired"] and line.dimensions["DepartmentId"] is None:
        raise invalid(title, f"Department is required on account {number}.")
    if account["IsProjectRequired"] and line.dimensions["ProjectId"] is None:
        raise invalid(title, f"Project is required on account {number}.")
    if line.currency_amount == 0 or line.amount == 0:
        raise invalid(title, f"CurrencyAmount cannot be 0 (account {number}).")
    if line.vat_return == "LossesOnClaims" and line.vat.code not in LOSS_CODES:
        raise invalid(title, f"VatReturnSpecification LossesOnClaims is not valid with vat code {line.vat.code}.")


def check_period(books: Books, day: str, title: str) -> None:
    """Refuse what is dated on or before the lock date, or before the conversion date."""
    if day < books.conversion_date:
        raise invalid(title, f"The date {day} is before the conversion date {books.conversion_date}.")
    if day <= books.lock_date:
        raise invalid(title, f"The date {day} is in a locked period. The lock date is {books.lock_date}.")


def check_balance(lines: Iterable[Line], title: str) -> None:
    """Check that the lines add to zero on each posting date, in NOK.

    Lines of one foreign currency and rate that add to zero in that currency may leave some øre through
    conversion: these go on the largest ledger line of the day.
    """
    days: dict[str, list[Line]] = {}
    for line in lines:
        days.setdefault(line.posted_on, []).append(line)
    for day, found in sorted(days.items()):
        rest = sum(line.amount for line in found)
        is_zero_in_currency = sum(line.currency_amount for line in found) == 0
        if rest and is_zero_in_currency and len({(line.currency, line.rate) for line in found}) == 1:
            widest = max(found, key=lambda line: (line.customer is None, abs(line.amount)))
            widest.amount -= rest
            rest = 0
        if rest:
            difference = f"{rest // 100 if rest >= 0 else -(-rest // 100)}.{abs(rest) % 100:02d}"
            raise invalid(title, f"The voucher does not balance on {day}: the difference is {difference} NOK.")
