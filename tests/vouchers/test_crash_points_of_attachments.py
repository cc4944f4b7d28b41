"""Kill the worker and break the answers while files go to their vouchers: each stands there once, none is lost."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from pypdf import PdfReader

from backoffice.common import blobs
from backoffice.vouchers import attaching
from backoffice.vouchers.attachments import attach, resend
from backoffice.vouchers.models import Voucher, VoucherAttachment
from integrations.poweroffice.adapter import PowerOffice
from integrations.poweroffice.sandbox import Fault
from integrations.poweroffice.sandbox.pdf import one_page
from tests.vouchers.papers import LIST, OTHER, PUT, codes, posted, stored, uploads
from tests.vouchers.test_crash_points import FAULTS, Killed, after, before
from tests.world import TESTER, World

#: every boundary between "claimed" and "attached": where, what, before or after
POINTS: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "before the claim": (attaching.Porter, "_claim", before),
    "after the claim": (attaching.Porter, "_claim", after),
    "before the file is stored": (attaching.Porter, "_freeze", before),
    "while the file is stored": (blobs, "keep", after),
    "after the file is stored": (attaching.Porter, "_freeze", after),
    "before the request": (PowerOffice, "attach", before),
    "after the answer": (PowerOffice, "attach", after),
    "before the result is written": (attaching.Porter, "_taken", before),
    "after the result is written": (attaching.Porter, "_taken", after),
    "while it is looked up": (PowerOffice, "documentation", before),
    "before the look-up is judged": (attaching.Porter, "_judge", before),
    "after the look-up is judged": (attaching.Porter, "_judge", after),
}


def kill_once(monkeypatch: pytest.MonkeyPatch, point: str, skip: int = 0) -> None:
    owner, name, when = POINTS[point]
    original = getattr(owner, name)
    passed = {"count": 0}

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        passed["count"] += 1
        return (when(original) if passed["count"] == skip + 1 else original)(*args, **kwargs)

    monkeypatch.setattr(owner, name, wrapped)


def carry_through_deaths(world: World) -> int:
    """Start workers until nothing is due; give how many died."""
    for deaths in range(5):
        try:
            for _ in range(6):
                VoucherAttachment.objects.filter(state="waiting").update(next_attempt_at=timezone.now())
                world.drain()
        except Killed:
            continue
        return deaths
    raise AssertionError("workers keep dying")


def put_two(world: World) -> Voucher:
    voucher = posted(world)
    for content in (LIST, OTHER):
        attach(voucher=voucher, name="file.pdf", media_type="application/pdf", content=content, actor=TESTER)
    return voucher


def is_right(world: World, voucher: Voucher) -> bool:
    assert list(VoucherAttachment.objects.values_list("state", flat=True)) == ["attached", "attached"]
    pages = PdfReader(io.BytesIO(stored(world, voucher) or b"")).pages
    shown = [page.extract_text().splitlines()[0] for page in pages]
    assert shown == ["Salg 20. november 2026", "Vilkår"]
    voucher.refresh_from_db()
    assert voucher.state == "posted"
    return True


@pytest.mark.parametrize("skip", [0, 1])
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_at_any_point_leaves_both_files_there_once(
    world: World, monkeypatch: pytest.MonkeyPatch, point: str, skip: int
) -> None:
    voucher = put_two(world)
    kill_once(monkeypatch, point, skip)

    carry_through_deaths(world)

    assert is_right(world, voucher)


@pytest.mark.parametrize("skip", [0, 1])
@pytest.mark.parametrize("fault", FAULTS)
def test_any_broken_answer_leaves_both_files_there_once(world: World, fault: str, skip: int) -> None:
    voucher = put_two(world)
    world.sandbox.faults.rules.append(Fault(fault, PUT, after=skip))

    carry_through_deaths(world)

    assert is_right(world, voucher)


@pytest.mark.parametrize("fault", ["commit_then_drop", "commit_then_500"])
@pytest.mark.parametrize("point", ["after the answer", "while it is looked up", "before the look-up is judged"])
def test_a_broken_answer_and_then_a_killed_worker_leave_both_files_there_once(
    world: World, monkeypatch: pytest.MonkeyPatch, point: str, fault: str
) -> None:
    voucher = put_two(world)
    world.sandbox.faults.rules.append(Fault(fault, PUT))
    kill_once(monkeypatch, point)

    carry_through_deaths(world)

    assert is_right(world, voucher)


def test_a_lost_answer_is_looked_up_and_not_sent_again(world: World) -> None:
    voucher = put_two(world)
    world.sandbox.faults.rules.append(Fault("commit_then_drop", PUT))

    carry_through_deaths(world)

    assert is_right(world, voucher)
    assert sorted(VoucherAttachment.objects.values_list("attempts", flat=True)) == [1, 1]
    assert uploads(world) == 2


def test_what_somebody_else_put_there_meanwhile_is_not_replaced_unless_a_person_says_so(world: World) -> None:
    voucher = posted(world)
    row = attach(voucher=voucher, name="a.pdf", media_type="application/pdf", content=LIST, actor=TESTER)
    world.sandbox.faults.rules.append(Fault("drop_before", PUT))
    world.sandbox.books.documents.put(
        {"Id": voucher.external_id, "application_key": "x", "content": encoded(one_page(["Fra regnskapsføreren"]))}
    )
    carry_through_deaths(world)

    assert codes(row) == ["documentation_differs"]
    assert uploads(world) == 1

    world.sandbox.books.documents.remove(voucher.external_id)
    resend(attachment_id=row.pk, actor=TESTER)
    carry_through_deaths(world)
    row.refresh_from_db()
    assert (row.state, stored(world, voucher)) == ("attached", LIST)


def encoded(content: bytes) -> str:

    return base64.b64encode(content).decode()


def test_what_was_taken_in_and_never_shows_asks_a_person(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PowerOffice, "documentation", lambda self, *, voucher_id: None)
    row = attach(voucher=posted(world), name="a.pdf", media_type="application/pdf", content=LIST, actor=TESTER)
    carry_through_deaths(world)

    assert codes(row) == ["documentation_not_shown"]
    assert row.state == "failed"


def test_the_proof_fails_where_files_do_not_go_together(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: a proof that cannot fail proves nothing."""
    monkeypatch.setattr(attaching, "earlier_files", lambda row: VoucherAttachment.objects.none())
    voucher = put_two(world)
    carry_through_deaths(world)

    with pytest.raises(AssertionError):
        is_right(world, voucher)
