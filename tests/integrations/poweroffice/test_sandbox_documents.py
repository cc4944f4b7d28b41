"""Voucher documentation: invoice PDFs in a zip, uploads to vouchers of the API."""

import io
import zipfile
from typing import Any

from .sandbox_support import Go

PDF = b"%PDF-1.4\n%test\n%%EOF\n"


def _upload(go: Go, voucher_id: str, content: bytes, name: str | None = "z.pdf", field: str = "file") -> Any:
    named = f'; filename="{name}"' if name else ""
    head = f'--cut\r\nContent-Disposition: form-data; name="{field}"{named}\r\nContent-Type: application/pdf\r\n\r\n'
    body = head.encode() + content + b"\r\n--cut--\r\n"
    headers = {"Authorization": f"Bearer {go.token}", "Content_Type": "multipart/form-data; boundary=cut"}
    return go.send("PUT", f"/v2/VoucherDocumentation?id={voucher_id}", body, **headers)


def _voucher(go: Go) -> Any:
    return go.post("/Vouchers/CashJournals", go.voucher(go.line(1901, "125"), go.line(3000, "-125", "3")))


def _unpacked(content: bytes) -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [archive.read(name) for name in archive.namelist()]


def test_a_pdf_is_attached_and_replaced(go: Go) -> None:
    voucher = _voucher(go)
    download = {"id": voucher["Id"], "documentationType": "Pdf"}
    assert go.call("GET", "/VoucherDocumentation/Download", **download).status == 204
    assert _upload(go, voucher["Id"], PDF).status == 202
    assert _upload(go, voucher["Id"], PDF + b"2").status == 202
    found = go.call("GET", "/VoucherDocumentation/Download", **download)
    assert found.headers["content-type"] == "application/zip"
    assert _unpacked(found.body) == [PDF + b"2"]
    shown = go.get("/VoucherDocumentation", id=voucher["Id"])
    assert (shown[0]["HasPdf"], shown[0]["IsImported"], shown[0]["VoucherType"]) == (True, True, "CashJournal")


def test_what_is_no_pdf_or_has_no_name_is_refused(go: Go) -> None:
    voucher = _voucher(go)
    for answer, words in (
        (_upload(go, voucher["Id"], b"GIF89a"), "Only PDF"),
        (_upload(go, voucher["Id"], PDF, name=None), "no file name"),
        (_upload(go, voucher["Id"], PDF, field="document"), "'file' is missing"),
        (_upload(go, voucher["Id"], PDF + b"0" * (30 * 1024 * 1024)), "larger than 30 MB"),
        (_upload(go, "x", PDF), "not a GUID"),
    ):
        assert answer.status == 400
        assert words in answer.detail
    unknown = _upload(go, "5a4d8c10-0000-4000-8000-00000000ffff", PDF)
    assert unknown.status == 400
    assert "not found" in unknown.detail
    assert go.call("PUT", f"/VoucherDocumentation?id={voucher['Id']}", {}).status == 415


def test_a_sent_invoice_has_its_own_pdf_and_takes_no_upload(go: Go) -> None:
    go.product()
    invoice = go.invoice(go.order(go.customer(), {"ProductCode": "SALG25", "Quantity": 1, "ProductUnitPrice": 100}))
    content = _unpacked(go.call("GET", "/VoucherDocumentation/Download", id=invoice["Id"]).body)[0]
    assert content.startswith(b"%PDF-1.4")
    assert b"Faktura 10001" in content
    start = int(content.rstrip().removesuffix(b"%%EOF").split()[-1])
    assert content[start:].startswith(b"xref")
    assert "not created through the API" in _upload(go, invoice["Id"], PDF).detail
    assert go.call("GET", "/VoucherDocumentation/Download", id=invoice["Id"], documentationType="Ehf").status == 204
    assert go.call("GET", "/VoucherDocumentation/Download", id=invoice["Id"], documentationType="Doc").status == 400
