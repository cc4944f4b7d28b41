"""Voucher documentation: the PDF of a sent invoice, and PDFs uploaded to vouchers that came through the API.

Source: OpenAPI `/VoucherDocumentation`. Uploads: PDF only, at most 30 MB, multipart field `file` with a file
name; a later upload replaces an earlier one of the same integration. An unknown voucher is a 400 here: the
document lists no 404 for these calls.
"""

import base64
import io
import zipfile
from email.parser import BytesParser
from email.policy import HTTP

from . import enums
from .books import Books
from .calls import Call
from .errors import ApiError, invalid
from .lists import Query, page
from .messages import Response
from .pdf import one_page
from .schema import guid
from .store import Row
from .vouchers import shown_number

TITLE = "Voucher documentation validation error(s)"
MAX_PDF_BYTES = 30 * 1024 * 1024


def _voucher(call: Call, text: str) -> Row:
    try:
        key = guid(text)
    except ValueError as error:
        raise invalid(TITLE, f"The query parameter 'id' = '{text}' is not a GUID.") from error
    row = call.books.vouchers.get(key)
    if row is None:
        raise invalid("Object(s) not found", f"Voucher with id = {key} not found.")
    return row


def find(call: Call) -> Response:
    """List what documentation vouchers have."""
    books = call.books
    query = Query(call, ("id", "voucherNo"))
    if key := query.get("id"):
        rows = [_voucher(call, key)]
    elif number := query.get("voucherNo"):
        rows = [row for row in books.vouchers.all() if str(row["VoucherNo"]) == number]
    else:
        rows = books.vouchers.all()
    return page(call, query, rows, lambda row: _shown(books, row))


def _shown(books: Books, voucher: Row) -> Row:
    invoice = books.invoices.get(voucher["Id"])
    is_sent = invoice is not None and bool(invoice.get("is_sent"))
    return {
        "HasEhf": is_sent and invoice is not None and invoice["InvoiceDeliveryType"] == "EHF",
        "HasImages": False,
        "HasPdf": is_sent or books.documents.get(voucher["Id"]) is not None,
        "HasSalesOrderAttachments": False,
        "IsImported": voucher["is_imported"],
        "VoucherId": voucher["Id"],
        "VoucherNo": shown_number(books, voucher),
        "VoucherType": voucher["voucher_type"],
    }


def upload(call: Call) -> Response:
    """Attach a PDF; 202."""
    books = call.books
    voucher = _voucher(call, Query(call, ("id",), ("id",)).get("id"))
    if not voucher["is_imported"]:
        raise invalid(TITLE, f"Voucher with id = {voucher['Id']} was not created through the API.")
    content = _file(call)
    if len(content) > MAX_PDF_BYTES:
        raise invalid(TITLE, "The file is larger than 30 MB.")
    if not content.startswith(b"%PDF-"):
        raise invalid(TITLE, "Only PDF files can be uploaded.")
    earlier = books.documents.get(voucher["Id"])
    if earlier is not None and earlier["application_key"] != call.application_key:
        raise invalid(TITLE, "The documentation was uploaded by another integration.")
    if voucher["IsReversed"]:
        raise invalid(TITLE, f"Voucher with id = {voucher['Id']} is reversed.")
    encoded = base64.b64encode(content).decode()
    books.documents.put({"Id": voucher["Id"], "application_key": call.application_key, "content": encoded})
    return Response(202, content_type="")


def _file(call: Call) -> bytes:
    """Take the part named `file` out of a multipart body."""
    request = call.request
    if request.content_type != "multipart/form-data":
        raise ApiError(415, "Unsupported Media Type", "Documentation must be sent as multipart/form-data.")
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + request.body)
    for part in message.iter_parts() if message.is_multipart() else ():
        if part.get_param("name", header="content-disposition") == "file":
            if not part.get_filename():
                raise invalid(TITLE, "The part 'file' has no file name.")
            if part.get_content_type() != "application/pdf":
                raise invalid(TITLE, f"Only PDF files can be uploaded, not {part.get_content_type()}.")
            content = part.get_payload(decode=True)
            return content if isinstance(content, bytes) else b""
    raise invalid(TITLE, "The part 'file' is missing.")


def download(call: Call) -> Response:
    """Give the documentation as a zip; 204 when there is none of the kind asked for."""
    books = call.books
    query = Query(call, ("id", "documentationType"), ("id",))
    voucher = _voucher(call, query.get("id"))
    kind = query.get("documentationType") or "All"
    if kind not in enums.DOCUMENTATION_TYPE:
        raise invalid(TITLE, f"documentationType '{kind}' is not valid.")
    pdf = _pdf(books, voucher) if kind in ("Pdf", "All") else None
    if pdf is None:
        return Response(204, content_type="")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{voucher['voucher_type']}-{voucher.get('InvoiceNo') or voucher['VoucherNo']}.pdf", pdf)
    disposition = f'attachment; filename="{voucher["Id"]}.zip"'
    return Response(200, packed.getvalue(), "application/zip", {"Content-Disposition": disposition})


def _pdf(books: Books, voucher: Row) -> bytes | None:
    uploaded = books.documents.get(voucher["Id"])
    if uploaded is not None:
        return base64.b64decode(uploaded["content"])
    invoice = books.invoices.get(voucher["Id"])
    if invoice is None or not invoice.get("is_sent"):
        return None
    total = invoice["total"]
    amount = f"{'-' if total < 0 else ''}{abs(total) // 100}.{abs(total) % 100:02d}"
    return one_page(
        [
            f"{voucher['Description']}",
            f"{books.client.name}, org.nr. {books.client.organisation_number}",
            f"Dato {invoice['VoucherDate']}   Forfall {invoice['DueDate']}   KID {invoice['Cid']}",
            f"Sum {amount} {invoice['CurrencyCode']}",
        ]
    )
