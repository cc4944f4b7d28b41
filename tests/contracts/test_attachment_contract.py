"""What every accounting system promises about the documentation of a voucher. Cases stand in accounting_cases.py."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from backoffice.contracts.accounting import AttachedFile, DocumentKind
from backoffice.contracts.errors import OutcomeUnknown, Rejected, Retryable
from integrations.poweroffice.sandbox.pdf import one_page
from tests.contracts.accounting_cases import CASES, AccountingCase

FILE = AttachedFile("Salgsliste Ørje 20. november.pdf", "application/pdf", one_page(["Salg 20.11.2026"]))
OTHER = replace(FILE, content=one_page(["Salg 20.11.2026", "og 21.11.2026"]))


@pytest.fixture(params=sorted(CASES))
def case(request: pytest.FixtureRequest) -> Iterator[AccountingCase]:
    """Run one system's stand-in with empty books."""
    with CASES[request.param]() as running:
        yield running


@pytest.fixture
def voucher_id(case: AccountingCase) -> str:
    """Post a journal and give its id."""
    return case.system.send(case.system.prepare(case.journal("ref-1"), case.directory)).external_id


def there(case: AccountingCase, voucher_id: str) -> bytes | None:
    case.let_time_pass()
    found = case.system.documentation(voucher_id=voucher_id)
    return found.content if found else None


def test_it_says_which_files_it_takes_before_anything_is_sent(case: AccountingCase) -> None:
    rules = case.provider.attachment_rules  # type: ignore[attr-defined]  # an accounting system
    assert rules.kinds
    assert FILE.media_type in rules.media_types
    assert rules.max_bytes > 1_000_000
    assert DocumentKind.BANK_JOURNAL in rules.kinds


def test_a_voucher_has_no_documentation_until_it_is_attached_and_then_exactly_that(
    case: AccountingCase, voucher_id: str
) -> None:
    assert there(case, voucher_id) is None
    case.system.attach(voucher_id=voucher_id, file=FILE)
    assert there(case, voucher_id) == FILE.content


def test_attaching_again_changes_nothing_and_another_file_replaces_the_first(
    case: AccountingCase, voucher_id: str
) -> None:
    for file in (FILE, FILE, OTHER):
        case.system.attach(voucher_id=voucher_id, file=file)
        assert there(case, voucher_id) == file.content


@pytest.mark.parametrize("has_run", [True, False])
def test_a_lost_answer_is_in_doubt_and_a_look_tells(case: AccountingCase, voucher_id: str, has_run: bool) -> None:
    case.lose_attaching(has_run=has_run)
    with pytest.raises(OutcomeUnknown):
        case.system.attach(voucher_id=voucher_id, file=FILE)
    assert (there(case, voucher_id) == FILE.content) is has_run


def test_too_many_calls_mean_that_it_did_not_run(case: AccountingCase, voucher_id: str) -> None:
    case.limit_attaching()
    with pytest.raises(Retryable):
        case.system.attach(voucher_id=voucher_id, file=FILE)
    assert there(case, voucher_id) is None


def test_an_expired_token_is_renewed_on_the_way(case: AccountingCase, voucher_id: str) -> None:
    case.expire_tokens()
    case.system.attach(voucher_id=voucher_id, file=FILE)
    assert there(case, voucher_id) == FILE.content


@pytest.mark.parametrize(
    "file",
    [
        replace(FILE, media_type="text/csv", content=b"reference;amount"),
        replace(FILE, content=b"GIF89a"),
        replace(FILE, content=FILE.content + b"0" * 31 * 1024 * 1024),
    ],
    ids=["a list as text", "no PDF at all", "too large"],
)
def test_what_it_does_not_take_is_refused(case: AccountingCase, voucher_id: str, file: AttachedFile) -> None:
    with pytest.raises(Rejected):
        case.system.attach(voucher_id=voucher_id, file=file)
    assert there(case, voucher_id) is None


def test_a_voucher_that_does_not_exist_is_refused(case: AccountingCase) -> None:
    unknown = "5a4d8c10-0000-4000-8000-00000000ffff"
    with pytest.raises(Rejected):
        case.system.attach(voucher_id=unknown, file=FILE)
    with pytest.raises(Rejected):
        case.system.documentation(voucher_id=unknown)


def test_their_own_invoice_has_their_pdf_and_takes_none_of_ours(case: AccountingCase) -> None:
    order = case.system.send(case.system.prepare(case.order("ref-1"), case.directory))
    case.system.send(case.system.prepare(case.sending("send-1", order.external_id), case.directory))
    case.let_time_pass()
    own = there(case, order.external_id)
    assert own is not None
    assert own.startswith(b"%PDF-")
    with pytest.raises(Rejected):
        case.system.attach(voucher_id=order.external_id, file=FILE)
    assert there(case, order.external_id) == own
