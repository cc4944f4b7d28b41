"""Files of ours with posted vouchers: once, together, checked before they go, and never in a voucher's way."""

from __future__ import annotations

import io
import json
import urllib.request
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pypdf import PdfReader, PdfWriter

from backoffice.audit.models import AuditEntry
from backoffice.chart.sync import sync_chart
from backoffice.common import blobs
from backoffice.common.machine import IllegalMove
from backoffice.connections.models import Connection
from backoffice.connections.services import save_secrets
from backoffice.vouchers import attaching
from backoffice.vouchers.attachments import CannotAttach, attach, content_of, resend
from backoffice.vouchers.models import Voucher, VoucherAttachment
from backoffice.vouchers.reversing import reverse
from backoffice.vouchers.services import withdraw
from backoffice.worker.schedule import sweep
from integrations.poweroffice.adapter import PowerOffice
from integrations.poweroffice.sandbox import SandboxServer
from integrations.poweroffice.sandbox.options import ALL_PRIVILEGES
from integrations.poweroffice.sandbox.pdf import one_page
from tests.vouchers.papers import GET, LIST, OTHER, PUT, codes, invoiced, posted, sha256, stored, uploads
from tests.world import TESTER, World, requests_to


def put(voucher: Voucher, content: bytes = LIST, name: str = "Salgsliste.pdf") -> VoucherAttachment:
    return attach(voucher=voucher, name=name, media_type="application/pdf", content=content, actor=TESTER)


def told(sandbox: SandboxServer, what: str, body: dict[str, Any]) -> dict[str, Any]:
    """Tell the sandbox something."""
    request = urllib.request.Request(  # noqa: S310  # our own loopback
        f"{sandbox.url}/_sandbox/{what}", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310  # our own loopback
        found: dict[str, Any] = json.load(answer)
    return found


def text_of(content: bytes | None) -> str:
    assert content is not None
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def locked(content: bytes) -> bytes:
    target = io.BytesIO()
    writer = PdfWriter(clone_from=io.BytesIO(content))
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(target)
    return target.getvalue()


def test_a_file_waits_for_its_voucher_and_then_stands_there_byte_for_byte(world: World) -> None:
    voucher = invoiced(world)
    row = put(voucher)
    world.drain()
    row.refresh_from_db()
    assert (row.state, row.attempts, uploads(world)) == ("waiting", 0, 0)

    world.post_everything()

    row.refresh_from_db()
    voucher.refresh_from_db()
    assert (voucher.state, row.state, row.attempts) == ("posted", "attached", 1)
    assert stored(world, voucher) == LIST
    assert row.attached_at is not None
    assert row.sent_sha256 == sha256(LIST)
    assert uploads(world) == 1
    acts = AuditEntry.objects.filter(subject_type="voucher", subject_id=str(voucher.pk)).order_by("id")
    assert [one for one in acts.values_list("action", flat=True) if "attachment" in one] == [
        "voucher.attachment_added", "voucher.attachment_taken_in", "voucher.attachment_attached",
    ]  # fmt: skip


def test_the_same_file_again_is_the_same_row_and_is_not_sent_again(world: World) -> None:
    voucher = posted(world)
    first = put(voucher)
    world.drain()

    again = put(voucher, name="Another name.pdf")
    world.drain()

    assert again.pk == first.pk
    assert VoucherAttachment.objects.count() == 1
    assert uploads(world) == 1


def test_several_files_of_a_voucher_stand_there_as_one_in_their_order(world: World) -> None:
    voucher = posted(world)
    put(voucher)
    put(voucher, OTHER, "Vilkår.pdf")
    put(voucher, one_page(["Tredje"]), "3.pdf")
    world.drain()

    assert set(VoucherAttachment.objects.values_list("state", flat=True)) == {"attached"}
    shown = text_of(stored(world, voucher))
    assert [shown.index(word) for word in ("WEB-1001", "Vilk", "Tredje")] == sorted(
        shown.index(word) for word in ("WEB-1001", "Vilk", "Tredje")
    )
    later = VoucherAttachment.objects.get(name="3.pdf")
    assert later.sent_sha256 == sha256(stored(world, voucher) or b"")
    assert content_of(later) == one_page(["Tredje"])


def test_two_vouchers_keep_their_files_apart(world: World) -> None:
    first, second = posted(world, "1001"), posted(world, "1002")
    put(first)
    put(second, OTHER)
    put(second, LIST)
    world.drain()

    assert stored(world, first) == LIST
    assert "WEB-1001" in text_of(stored(world, second))


@pytest.mark.parametrize(
    ("media_type", "content", "code"),
    [
        ("text/csv", b"reference;amount", "attachment_type"),
        ("", LIST, "attachment_type"),
        ("application/pdf", b"GIF89a", "attachment_unreadable"),
        ("application/pdf", b"%PDF-1.7 and nothing more", "attachment_unreadable"),
        ("application/pdf", locked(LIST), "attachment_unreadable"),
        ("application/pdf", LIST + b"0" * 30 * 1024 * 1024, "attachment_too_large"),
    ],
    ids=["csv", "no type", "a picture", "cut", "password", "too large"],
)
def test_what_would_be_refused_is_refused_here_and_says_why(
    world: World, media_type: str, content: bytes, code: str
) -> None:
    voucher = posted(world)
    with pytest.raises(CannotAttach) as caught:
        attach(voucher=voucher, name="x", media_type=media_type, content=content)

    assert caught.value.reason.code == code
    assert str(caught.value).endswith(".")
    assert not VoucherAttachment.objects.exists()
    voucher.refresh_from_db()
    assert voucher.state == "posted"


def test_files_that_are_too_large_together_stop_the_last_one_only(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    voucher = posted(world)
    big = one_page(["x" * 400])
    rules = PowerOffice.attachment_rules
    assert rules is not None
    monkeypatch.setattr(PowerOffice, "attachment_rules", replace(rules, max_bytes=len(big) + 600))
    first, second = put(voucher, big, "first.pdf"), put(voucher, one_page(["y" * 400]), "second.pdf")
    world.drain()

    first.refresh_from_db()
    assert (first.state, codes(second), second.state) == ("attached", ["attachment_too_large"], "failed")
    assert stored(world, voucher) == big


def test_the_invoice_of_an_order_takes_no_file(world: World) -> None:
    world.sell("1001", 12_500)
    world.post_everything()
    with pytest.raises(CannotAttach) as caught:
        put(Voucher.objects.get(kind="sales_order"))
    assert caught.value.reason.code == "attachment_not_taken"


def test_a_withdrawn_voucher_takes_its_files_with_it(world: World) -> None:
    voucher = invoiced(world)
    row = put(voucher)
    withdraw(voucher_id=voucher.pk, actor=TESTER, reason="booked by hand")
    world.drain()

    row.refresh_from_db()
    assert (row.state, uploads(world)) == ("withdrawn", 0)
    with pytest.raises(CannotAttach, match="withdrawn"):
        put(Voucher.objects.get(pk=voucher.pk), OTHER)


def test_what_is_attached_stays_when_the_voucher_is_reversed_and_what_waits_is_drawn_back(world: World) -> None:
    voucher = posted(world)
    there = put(voucher)
    world.drain()
    waits = put(voucher, OTHER)
    VoucherAttachment.objects.filter(pk=waits.pk).update(next_attempt_at=timezone.now() + timedelta(hours=1))
    reverse(voucher_id=voucher.pk, actor=TESTER, reason="wrong account")
    world.settle()
    world.drain()

    there.refresh_from_db()
    waits.refresh_from_db()
    assert (there.state, waits.state) == ("attached", "withdrawn")
    assert stored(world, voucher) == LIST


def test_a_missing_right_lets_files_wait_and_vouchers_go_on(world: World) -> None:
    rights = [one for one in ALL_PRIVILEGES if one != "VoucherDocumentation_Full"]
    body = {"name": "Uten dokumentasjon AS", "organisation_number": "800000076", "privileges": rights}
    opened = told(world.sandbox, "clients", body)
    save_secrets(connection=world.connection, secrets={"client_key": opened["client_key"]}, actor=TESTER)
    sync_chart(connection=world.connection, actor=TESTER)
    row = put(posted(world))
    other = posted(world, "1002")
    world.drain()

    assert codes(row) == ["no_privilege"]
    assert row.state == "waiting"
    assert Connection.objects.get().paused_at is None
    assert other.state == "posted"


def test_a_refusal_is_shown_and_sent_again_by_hand(world: World) -> None:
    voucher = posted(world)
    world.sandbox.books.documents.put({"Id": voucher.external_id, "application_key": "another", "content": ""})
    row = put(voucher)
    world.drain()
    assert codes(row) == ["refused"]
    assert "another integration" in row.reasons[0]["detail"]
    with pytest.raises(IllegalMove):
        resend(attachment_id=put(voucher, OTHER).pk, actor=TESTER)

    world.sandbox.books.documents.remove(voucher.external_id)
    resend(attachment_id=row.pk, actor=TESTER)
    world.drain()

    row.refresh_from_db()
    assert (row.state, row.reasons) == ("attached", [])


def test_a_stored_file_that_was_changed_never_goes_out(world: World) -> None:
    voucher = posted(world)
    row = put(voucher)
    blobs.path_of(row.sha256, "pdf").write_bytes(OTHER)
    world.drain()

    assert codes(row) == ["file_missing"]
    assert uploads(world) == 0


def test_tried_too_often_it_asks_a_person(world: World) -> None:
    row = put(posted(world))
    world.sandbox.faults.add("429", PUT, count=0)
    for _ in range(15):
        VoucherAttachment.objects.filter(pk=row.pk).update(next_attempt_at=timezone.now())
        world.drain()

    assert codes(row) == ["exhausted"]
    assert row.attempts == 12


def test_the_sweep_rings_for_a_file_that_is_due_and_not_for_one_whose_voucher_is_not_posted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []
    monkeypatch.setattr("backoffice.worker.schedule.ring_now", rung.append)
    voucher = invoiced(world)
    put(voucher)
    sweep()
    assert rung == []
    world.approve_all()
    world.settle()
    row = put(Voucher.objects.get(pk=voucher.pk), OTHER)
    VoucherAttachment.objects.filter(pk=row.pk).update(next_attempt_at=timezone.now())
    sweep()
    assert rung == [world.client.pk]


def test_other_files_of_a_voucher_wait_while_one_is_on_its_way(world: World) -> None:
    voucher = posted(world)
    first, second = put(voucher), put(voucher, OTHER)
    later = timezone.now() + timedelta(hours=1)
    VoucherAttachment.objects.filter(pk=first.pk).update(
        state="in_doubt", sent_sha256=first.sha256, next_attempt_at=later
    )
    assert second not in attaching.files_due()
    world.drain()
    assert uploads(world) == 0

    VoucherAttachment.objects.filter(pk=first.pk).update(next_attempt_at=timezone.now())
    world.drain()

    second.refresh_from_db()
    assert second.state == "attached"
    assert requests_to(world.sandbox, GET) >= 2
    assert text_of(stored(world, voucher)).count("WEB-1001") == 1
