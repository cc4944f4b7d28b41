"""Hand over a till's file in tests, and read it on as workers do."""

from __future__ import annotations

from backoffice.audit.services import Actor
from backoffice.clients.models import SalesPoint
from backoffice.common.blobs import Arriving
from backoffice.sales.models import DayClosing
from backoffice.sales.till_import_models import TillImport
from backoffice.sales.till_imports import SUFFIX, AcceptedFile, accept_till_file
from backoffice.sales.till_reading import read_slice
from tests.integrations.saft_cash_register.files import receipt, report, text_of

KARI = Actor.system("Kari")
SECOND = "</cashregister><cashregister><registerID>R2</registerID>"
#: two registers, three Z reports, nine receipts of which one is training
DAYS = text_of(
    report(1), report(2), receipt(), receipt("99.00", training="true"), receipt(at="2026-03-03T12:00:00"), SECOND,
    report(7, "250.00", "200.00", "50.00", "250.00").replace(">R1<", ">R2<"), *[receipt()] * 3,
    receipt("125.00", tp="D", paid="-125.00"), receipt("100.00", kind="UT", tp="D"), receipt(at="2026-04-01T12:00:00"),
)  # fmt: skip


def hand_over(point: SalesPoint, text: str = DAYS, name: str = "kasse-2026.xml") -> AcceptedFile:
    """Store a file and take it over for import."""
    arriving = Arriving()
    content = text.encode()
    for at in range(0, len(content), 1_000):
        arriving.write(content[at : at + 1_000])
    sha256 = arriving.keep(SUFFIX)
    return accept_till_file(sales_point=point, sha256=sha256, size_bytes=arriving.size, filename=name, actor=KARI)


def read_all(row: TillImport, slices: int = 200) -> int:
    """Read to the end, slice by slice; give how many there were."""
    for number in range(1, slices):
        if not read_slice(row.pk):
            row.refresh_from_db()
            return number
    raise AssertionError("the file does not end")


def recorded(point: SalesPoint) -> list[tuple[str, int, int]]:
    """Register, number and sales in øre of what is recorded."""
    rows = DayClosing.objects.filter(sales_point=point).order_by("register", "number")
    return list(rows.values_list("register", "number", "sales_minor"))
