"""A till's SAF-T file over the API: streamed into the store, taken once, and its progress told."""

from __future__ import annotations

import io
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as house

from backoffice.clients.models import SalesPoint
from backoffice.common import blobs
from backoffice.sales.till_import_models import TillImport
from backoffice.sales.till_imports import SUFFIX
from tests.api.conftest import Api, make_sales_point
from tests.api.test_schema import assert_fits, document
from tests.integrations.saft_cash_register.files import receipt, report, text_of
from tests.sales.tills import DAYS, hand_over, read_all

__all__ = ["document"]
XML = {"Content_Type": "application/xml"}


def send(api: Api, text: str = DAYS, **headers: str) -> Any:
    return api.post("/till-files?filename=kasse.xml", text.encode(), **{**XML, **headers})


def arriving() -> list[str]:
    folder = house.MEDIA_ROOT / "arriving"
    return [one.name for one in folder.iterdir()] if folder.exists() else []


def test_a_file_is_stored_as_it_is_and_its_progress_told(api: Api, document: dict[str, Any]) -> None:
    answer = send(api)
    assert_fits(document, "/api/v1/till-files", "post", answer)
    row = TillImport.objects.get()
    assert (answer.status_code, answer["Location"]) == (201, f"http://testserver/api/v1/till-files/{row.pk}")
    assert (row.filename, row.uploaded_by.startswith("API key bo_")) == ("kasse.xml", True)
    assert blobs.stored(row.sha256, SUFFIX, row.size_bytes).read_bytes() == DAYS.encode()
    shown = answer.json()
    assert (shown["state"], shown["bytes_read"], shown["size_bytes"]) == ("waiting", 0, len(DAYS.encode()))

    read_all(row)
    answer = api.get(f"/till-files/{row.pk}")
    assert_fits(document, "/api/v1/till-files/{file_id}", "get", answer)
    shown = answer.json()
    assert (shown["state"], shown["bytes_read"], shown["error"]) == ("done", row.size_bytes, None)
    assert shown["closings"] == {"created": 3, "same": 0, "refused": 0}
    assert shown["findings"] == []
    answer = api.get("/till-files?state=done")
    assert_fits(document, "/api/v1/till-files", "get", answer)
    assert [one["id"] for one in answer.json()["results"]] == [row.pk]
    assert arriving() == []


def test_signs_that_no_name_has_are_left_out_of_the_files_name(api: Api) -> None:
    answer = api.post("/till-files?filename=%00kas%0Ase%1B.xml", DAYS.encode(), **XML)
    assert (answer.status_code, answer.json()["filename"]) == (201, "kasse.xml")


def test_what_was_found_in_a_file_is_told_by_its_closing(api: Api) -> None:
    answer = send(api, text_of(report(9), receipt("100.00")))
    row = TillImport.objects.get(pk=answer.json()["id"])
    read_all(row)
    (found,) = api.get(f"/till-files/{row.pk}").json()["findings"]
    assert found["number"] == 9
    assert any("differ in sales" in note for note in found["notes"])


def test_the_same_file_again_is_its_first_import(api: Api) -> None:
    first, again = send(api), send(api)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    key = str(uuid4())
    other = text_of(report(5), receipt())
    answers = [send(api, other, Idempotency_Key=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1]["Idempotency-Replayed"] == "true"
    assert send(api, Idempotency_Key=key).status_code == 422
    assert arriving() == []


def test_a_file_of_another_sales_point_is_refused_and_not_found(api: Api, sales_point: SalesPoint) -> None:
    row = hand_over(make_sales_point("nordlys", "kasse")).till_import
    answer = send(api)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:backoffice:problem:reference_used")
    assert api.get(f"/till-files/{row.pk}").status_code == 404


def test_what_cannot_be_taken_says_why_and_leaves_nothing(
    api: Api, settings: Any, monkeypatch: pytest.MonkeyPatch, document: dict[str, Any]
) -> None:
    assert send(api, "").status_code == 400
    assert api.post("/till-files", {"file": "x"}).status_code == 415
    settings.TILL_FILE_MAX_MB = 0
    answer = send(api)
    assert_fits(document, "/api/v1/till-files", "post", answer)
    assert (answer.status_code, "shorter period" in answer.json()["detail"]) == (413, True)
    settings.TILL_FILE_MAX_MB = 1
    monkeypatch.setattr(blobs, "has_room", lambda size: False)
    answer = send(api)
    assert (answer.status_code, answer["Retry-After"]) == (503, "3600")
    assert (TillImport.objects.count(), arriving()) == (0, [])


def test_a_body_that_breaks_off_is_nothing(api: Api, wsgi: Any, sales_point: SalesPoint) -> None:
    told: list[str] = []
    environment = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/api/v1/till-files", "SERVER_NAME": "testserver", "SERVER_PORT": "80",
        "HTTP_AUTHORIZATION": f"Bearer {api.key}", "CONTENT_TYPE": "text/xml", "CONTENT_LENGTH": "9000",
        "wsgi.input": io.BytesIO(DAYS.encode()[:8_000]), "wsgi.url_scheme": "http", "wsgi.errors": io.StringIO(),
    }  # fmt: skip
    body = b"".join(wsgi(environment, lambda status, _headers: told.append(status)))
    assert told[0].startswith("400")
    assert b"broke off after 8000 of 9000 bytes" in body
    assert (TillImport.objects.count(), arriving()) == (0, [])


def test_a_broken_file_tells_the_line(api: Api) -> None:
    send(api, DAYS[:-40])
    row = TillImport.objects.get()
    read_all(row)
    shown = api.get(f"/till-files/{row.pk}").json()
    assert shown["state"] == "failed"
    assert shown["error"].startswith("The file is not whole XML (line")
