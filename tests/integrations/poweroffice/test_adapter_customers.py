"""Customers and products: found or created once, never guessed, never doubled."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backoffice.contracts.accounting import Party, ProductLink
from backoffice.contracts.errors import Misconfigured, Rejected, Retryable
from backoffice.contracts.sales import CustomerDetails
from integrations.exact_json import dumps
from integrations.poweroffice import api, finding
from integrations.poweroffice.sandbox import DEMO_CLIENTS
from integrations.poweroffice.sandbox.options import READ_PRIVILEGES
from integrations.poweroffice.wire_customers import customer_reference

from .books import COMPANY, FOOD, PERSON, SALES, Office, make_order, nok, run_office

WEBSHOP = Party("webshop:C-7", PERSON)
FIRM = Party("webshop:C-8", COMPANY)


def resolve(office: Office, party: Party) -> Any:
    """Find or create a customer."""
    return finding.customer(office.system.calls, office.directory, party)


def existing(office: Office, **values: Any) -> int:
    """Put a customer into the books by hand, as the accountant would."""
    return int(api.create_customer(office.system.calls, dumps(values))["Id"])


def refused(office: Office, party: Party) -> Rejected:
    """Give why a customer cannot be chosen."""
    with pytest.raises(Rejected) as caught:
        resolve(office, party)
    assert caught.value.reasons[0].subject == party.key
    return caught.value


def test_a_customer_we_know_costs_no_call(office: Office) -> None:
    link = resolve(office, WEBSHOP)
    office.count_calls()
    assert resolve(office, WEBSHOP) == link
    assert office.calls == []


def test_a_customer_that_was_forgotten_here_is_found_by_our_reference(office: Office) -> None:
    link = resolve(office, WEBSHOP)
    office.forget()
    office.count_calls()
    assert resolve(office, Party(WEBSHOP.key, CustomerDetails("Another name", email="new@example.com"))) == link
    assert office.calls == ["GET /v2/Customers"]
    assert len(office.server.books.customers) == 1


def test_the_link_names_number_name_and_the_account_that_vouchers_need(office: Office) -> None:
    link = resolve(office, FIRM)
    row = office.server.books.customers[int(link.external_id)]
    assert (link.number, link.ledger_account_id, link.name) == (
        str(row["Number"]),
        str(row["SubledgerAccountId"]),
        "Fjell AS",
    )
    assert row["InvoiceDeliveryType"] == "EHF"


def test_a_company_is_found_by_its_organisation_number(office: Office) -> None:
    key = existing(office, Name="FJELL AS", OrganizationNumber="312000008")
    existing(office, Name="Dal AS", OrganizationNumber="312000016")
    assert resolve(office, FIRM).external_id == str(key)


def test_a_person_is_found_by_the_email_address_whatever_its_case(office: Office) -> None:
    key = existing(office, IsPerson=True, FirstName="K", LastName="N", EmailAddress="Kari@Example.com")
    assert resolve(office, WEBSHOP).external_id == str(key)


def test_a_company_with_the_same_email_address_is_no_hit_for_a_person(office: Office) -> None:
    key = existing(office, Name="Nordmann AS", EmailAddress="kari@example.com")
    assert resolve(office, WEBSHOP).external_id != str(key)


def test_a_person_with_the_same_email_address_is_no_hit_for_a_company(office: Office) -> None:
    existing(office, IsPerson=True, FirstName="A", LastName="B", EmailAddress=COMPANY.email)
    nameless = Party("webshop:C-9", replace(COMPANY, organisation_number="SE556677889901"))
    assert resolve(office, nameless).name == "Fjell AS"
    assert len(office.server.books.customers) == 2


@pytest.mark.parametrize(("name", "is_found"), [("Fjell as", True), ("Dal AS", False)])
def test_a_foreign_company_is_found_by_email_address_and_name_together(
    office: Office, name: str, is_found: bool
) -> None:
    key = existing(office, Name=name, EmailAddress=COMPANY.email)
    foreign = Party("webshop:C-9", replace(COMPANY, organisation_number="SE556677889901"))
    assert (resolve(office, foreign).external_id == str(key)) is is_found


@pytest.mark.parametrize(
    ("party", "twin"),
    [
        (WEBSHOP, {"IsPerson": True, "FirstName": "Kari", "LastName": "Nordmann", "EmailAddress": PERSON.email}),
        (FIRM, {"Name": "Fjell AS", "OrganizationNumber": "312000008"}),
    ],
)
def test_several_hits_are_a_question_for_a_person_with_the_candidates_named(
    office: Office, party: Party, twin: dict[str, Any]
) -> None:
    numbers = [
        str(office.server.books.customers[key]["Number"])
        for key in (existing(office, **twin), existing(office, **twin))
    ]
    found = refused(office, party)
    assert found.reasons[0].code == "customer_ambiguous"
    assert all(f"{number} " in found.message for number in numbers)
    assert len(office.server.books.customers) == 2


def test_an_archived_twin_does_not_make_a_customer_ambiguous(office: Office) -> None:
    twin = {"Name": "Fjell AS", "OrganizationNumber": "312000008"}
    key = existing(office, **twin)
    existing(office, **twin, IsArchived=True)
    assert resolve(office, FIRM).external_id == str(key)


def test_a_customer_that_is_only_archived_is_not_created_anew(office: Office) -> None:
    existing(office, Name="Fjell AS", OrganizationNumber="312000008", IsArchived=True)
    assert refused(office, FIRM).reasons[0].code == "customer_archived"


def test_our_own_customer_that_was_archived_is_not_created_anew(office: Office) -> None:
    link = resolve(office, WEBSHOP)
    office.forget()
    office.server.books.customers.change(int(link.external_id), IsArchived=True, IsActive=False)
    assert refused(office, WEBSHOP).reasons[0].code == "customer_archived"


@pytest.mark.parametrize("kind", ["error_500", "429", "drop_before"])
def test_a_lookup_that_fails_creates_nobody(office: Office, kind: str) -> None:
    office.directory  # noqa: B018  # read before the fault
    office.server.faults.add(kind, "GET /v2/Customers")
    with pytest.raises(Retryable):
        resolve(office, WEBSHOP)
    assert len(office.server.books.customers) == 0


@pytest.mark.parametrize("kind", ["commit_then_drop", "commit_then_500", "drop_before"])
def test_a_creation_that_is_cut_off_is_repeated_without_a_double(office: Office, kind: str) -> None:
    office.server.faults.add(kind, "POST /v2/Customers")
    with pytest.raises(Retryable):
        resolve(office, WEBSHOP)
    resolve(office, WEBSHOP)
    assert len(office.server.books.customers) == 1


def test_a_customer_that_another_worker_created_meanwhile_is_taken(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = resolve(office, WEBSHOP)
    office.forget()
    monkeypatch.setattr(finding, "_found", lambda *_: None)
    assert resolve(office, WEBSHOP) == first
    assert len(office.server.books.customers) == 1


def test_a_customer_that_exists_but_does_not_show_yet_is_waited_for() -> None:
    with run_office(read_lag_ms=2000) as office:
        resolve(office, WEBSHOP)
        office.forget()
        with pytest.raises(Retryable) as caught:
            resolve(office, WEBSHOP)
        assert caught.value.retry_after_s
        office.clock.pass_by(2001)
        assert resolve(office, WEBSHOP).number
        assert len(office.server.books.customers) == 1


def test_a_company_that_is_refused_with_ehf_is_created_without(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    refusing = Rejected("InvoiceDeliveryType EHF requires an OrganizationNumber that can receive EHF.")
    create = api.create_customer

    def strict(calls: Any, body: str) -> Any:
        if '"EHF"' in body:
            raise refusing
        return create(calls, body)

    monkeypatch.setattr(api, "create_customer", strict)
    row = office.server.books.customers[int(resolve(office, FIRM).external_id)]
    assert row["InvoiceDeliveryType"] == "PdfByEmail"


def test_a_customer_they_refuse_is_refused_in_their_words(office: Office) -> None:
    party = Party("webshop:C-7", replace(PERSON, email="kari(at)example"))
    with pytest.raises(Rejected) as caught:
        resolve(office, party)
    assert "kari(at)example" in caught.value.reasons[0].detail
    assert len(office.server.books.customers) == 0


def test_without_the_right_to_create_customers_the_connection_pauses() -> None:
    clients = (replace(DEMO_CLIENTS[0], privileges=READ_PRIVILEGES),)
    with run_office(clients=clients) as office, pytest.raises(Misconfigured) as caught:
        resolve(office, WEBSHOP)
    assert caught.value.reasons[0].code == "no_privilege"
    assert "create customer" in caught.value.message


def test_a_customer_carries_our_reference_over_there(office: Office) -> None:
    row = office.server.books.customers[int(resolve(office, WEBSHOP).external_id)]
    assert row["ExternalImportReference"] == customer_reference("webshop:C-7")


# products


def find_products(office: Office, *wishes: Any) -> dict[str, ProductLink]:
    """Find or create products."""
    return finding.products(office.system.calls, office.directory, wishes)


def product(office: Office, **values: Any) -> Any:
    """Put a product into the books by hand."""
    return api.create_product(office.system.calls, dumps({"Name": "x", **values}))


def test_the_products_of_a_document_are_asked_for_in_one_call_and_created_once(office: Office) -> None:
    office.count_calls()
    links = find_products(office, SALES, FOOD, SALES)
    assert office.calls == ["GET /v2/Products", "POST /v2/Products", "POST /v2/Products"]
    office.count_calls()
    assert find_products(office, FOOD, SALES) == links
    assert office.calls == []


def test_a_product_that_exists_is_taken(office: Office) -> None:
    row = product(office, Code="3000-3", StandardSalesAccount=3000)
    assert find_products(office, SALES)["3000-3"].external_id == str(row["Id"])


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"StandardSalesAccount": 3001}, "product_account_differs"),
        ({"StandardSalesAccount": 3000, "IsArchived": True}, "product_archived"),
    ],
)
def test_a_product_that_would_post_elsewhere_is_refused(office: Office, values: dict[str, Any], code: str) -> None:
    product(office, Code="3000-3", **values)
    with pytest.raises(Rejected) as caught:
        find_products(office, SALES)
    assert (caught.value.reasons[0].code, caught.value.reasons[0].subject) == (code, "3000-3")


def test_a_product_whose_account_was_corrected_over_there_is_read_again(office: Office) -> None:
    office.directory.remember_product(ProductLink("1", "3000-3", "3001"))
    row = product(office, Code="3000-3", StandardSalesAccount=3000)
    assert find_products(office, SALES)["3000-3"].external_id == str(row["Id"])


def test_of_two_products_on_the_right_account_the_older_is_taken() -> None:
    rows = [
        {"Id": key, "Code": "3000-3", "StandardSalesAccount": account}
        for key, account in ((9, 3000), (8, 3000), (7, 3001))
    ]
    link = finding._matching(rows, SALES)
    assert link is not None
    assert link.external_id == "8"


def test_one_code_on_two_accounts_within_a_document_is_refused(office: Office) -> None:
    with pytest.raises(Rejected) as caught:
        find_products(office, SALES, replace(SALES, ledger_account="3001"))
    assert caught.value.reasons[0].code == "product_account_differs"


@pytest.mark.parametrize("code", ["A,B", " "])
def test_a_code_that_cannot_be_looked_up_is_refused(office: Office, code: str) -> None:
    with pytest.raises(Rejected) as caught:
        find_products(office, replace(SALES, code=code))
    assert caught.value.reasons[0].code == "product_code_invalid"


@pytest.mark.parametrize("kind", ["commit_then_drop", "drop_before"])
def test_a_product_whose_creation_is_cut_off_is_repeated_without_a_double(office: Office, kind: str) -> None:
    office.server.faults.add(kind, "POST /v2/Products")
    with pytest.raises(Retryable):
        find_products(office, SALES)
    find_products(office, SALES)
    assert len(office.server.books.products) == 1


def test_a_product_on_an_account_that_does_not_exist_is_refused_in_their_words(office: Office) -> None:
    with pytest.raises(Rejected) as caught:
        find_products(office, replace(SALES, ledger_account="3999"))
    assert "3999" in caught.value.reasons[0].detail


def test_nothing_of_an_order_is_sent_when_its_customer_is_in_question(office: Office) -> None:
    for _ in range(2):
        existing(office, IsPerson=True, FirstName="Kari", LastName="Nordmann", EmailAddress=PERSON.email)
    with pytest.raises(Rejected):
        office.system.prepare(make_order(total=nok("12500")), office.directory)
    assert len(office.server.books.orders) == 0
