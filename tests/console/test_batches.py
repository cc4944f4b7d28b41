"""The list of the sales behind a batch can be opened by those who may see the client, and by nobody else."""

from __future__ import annotations

import pytest
from django.test import Client as Browser
from django.urls import reverse

from backoffice.contracts.sales import SaftBatch
from backoffice.sales.services import record_sale
from backoffice.workflows.services import sale_recorded
from tests.office import Office
from tests.world import sale_details


@pytest.mark.parametrize(("who", "status"), [("bookkeeper", 200), ("auditor", 200), ("stranger", 404)])
def test_the_list_is_for_people_of_the_client(office: Office, who: str, status: int) -> None:
    point = office.shop
    point.invoice_issuer = point.saft_reporter = "sales_system"
    point.batch_journal = "bank"
    point.save()
    details = sale_details("B1", saft=SaftBatch("B-20", "shop"))
    sale = record_sale(sales_point=point, sale=details, event=None).sale
    sale_recorded(sale_id=sale.pk)
    sale.refresh_from_db()
    assert sale.voucher_id is not None
    address = reverse("admin:batch_list", args=[sale.voucher_id])
    browser = Browser()
    browser.force_login(office.people[who])

    answer = browser.get(address)

    assert answer.status_code == status
    if status == 200:
        assert "SAF-T batch" in answer.content.decode("utf-8-sig")
        page = browser.get(reverse("admin:vouchers_voucher_change", args=[sale.voucher_id])).content.decode()
        assert address in page
