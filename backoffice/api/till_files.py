"""SAF-T files of tills: taken in as a stream, read by a worker; how far that is can be asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.api.authentication import key_holder
from backoffice.api.base import ApiView
from backoffice.api.fields import TimeField
from backoffice.api.idempotency import idempotent
from backoffice.api.intake import recorded
from backoffice.api.outgoing import Out, page_of, text, word
from backoffice.api.paging import UPDATED_AFTER, Filter, page
from backoffice.api.problems import INVALID_BODY, NOT_FOUND, NOT_READY, REFERENCE_USED, TOO_LARGE, Error, Problem
from backoffice.api.schema import query_parameters
from backoffice.api.showing import Shown, time
from backoffice.audit.services import Actor
from backoffice.clients.models import SalesPoint
from backoffice.common import blobs
from backoffice.sales.till_import_models import ImportedOutcome, TillImport
from backoffice.sales.till_import_states import TillImportState
from backoffice.sales.till_imports import SUFFIX, accept_till_file, outcomes_of

MAX_FINDINGS = 200
FILTERS = (
    Filter("state", "state", "Where the import stands.", "choice", tuple(TillImportState)),
    UPDATED_AFTER,
)
FILENAME = OpenApiParameter("filename", str, OpenApiParameter.QUERY, description="What people call the file.")


class FileParser(BaseParser):
    """Write a body into the file store as it comes; the view keeps it. Gives {"sha256", "size_bytes"}."""

    media_type = "application/xml"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Read the body; raises too_large, not_ready without room, and invalid_body for one that broke off."""
        view, request = (parser_context or {})["view"], (parser_context or {})["request"]._request
        declared = _declared(request)
        view.arriving = arriving = blobs.Arriving()
        try:
            while piece := request.read(blobs.PIECE_BYTES):
                arriving.write(piece)
        except UnreadablePostError as error:
            raise _broken_off(arriving.size, declared) from error
        if arriving.size != declared:
            raise _broken_off(arriving.size, declared)
        return {"sha256": arriving.sha256, "size_bytes": arriving.size}


class TextXmlParser(FileParser):
    """The same under the older name of the media type."""

    media_type = "text/xml"


def _declared(request: HttpRequest) -> int:
    """Give the length that the body is said to have, if it can be taken."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    size = int(length) if length.isdigit() else 0
    if size > settings.TILL_FILE_MAX_MB * 1_000_000:
        raise Problem(TOO_LARGE, f"At most {settings.TILL_FILE_MAX_MB} MB are taken. Export a shorter period.")
    if not size:
        raise Problem(INVALID_BODY, "The body is empty; send the file as it is.", [Error("required", "Send the file.")])
    if not blobs.has_room(size):
        raise Problem(NOT_READY, "There is no room for the file at the moment.", headers={"Retry-After": "3600"})
    return size


def _broken_off(size: int, declared: int) -> Problem:
    detail = f"The body broke off after {size} of {declared} bytes. Send it again."
    return Problem(INVALID_BODY, detail, [Error("broken_off", detail)])


class OutcomesOutput(Out):
    """How many Z reports of the file were recorded by it, had been recorded before, and were refused."""

    created = serializers.IntegerField()
    same = serializers.IntegerField()
    refused = serializers.IntegerField()


class FindingOutput(Out):
    """A Z report of the file that was refused, or of which the reader has something to say."""

    register = text()
    number = serializers.IntegerField()
    outcome = word(ImportedOutcome.values)
    because = text(null=True)
    notes = serializers.ListField(child=serializers.CharField())


class TillFileOutput(Out):
    """A file and how far it is read. error says what is wrong with it and what to do."""

    id = serializers.IntegerField()
    filename = text()
    sha256 = text()
    size_bytes = serializers.IntegerField()
    bytes_read = serializers.IntegerField()
    state = word(TillImportState)
    receipts = serializers.IntegerField()
    left_out = serializers.IntegerField(help_text="Training, voided and credit receipts.")
    closings = OutcomesOutput()
    notes = serializers.ListField(child=serializers.CharField())
    error = text(null=True)
    created_at = TimeField()
    updated_at = TimeField()
    finished_at = TimeField(allow_null=True)


class TillFileWithFindingsOutput(TillFileOutput):
    """A file, and what a person should see of its Z reports, at most 200 of them."""

    findings = FindingOutput(many=True)


def files_of(sales_point: SalesPoint) -> QuerySet[TillImport]:
    """The sales point's own files."""
    return TillImport.objects.filter(sales_point=sales_point).defer("position")


def show_file(row: TillImport) -> Shown:
    """Give a file and how far it is read."""
    outcomes = outcomes_of(row)
    return {
        "id": row.pk,
        "filename": row.filename,
        "sha256": row.sha256,
        "size_bytes": row.size_bytes,
        "bytes_read": row.bytes_read,
        "state": row.state,
        "receipts": row.receipts,
        "left_out": row.left_out,
        "closings": {"created": outcomes.created, "same": outcomes.same, "refused": outcomes.refused},
        "notes": row.notes,
        "error": row.error or None,
        "created_at": time(row.created_at),
        "updated_at": time(row.updated_at),
        "finished_at": time(row.finished_at) if row.finished_at else None,
    }


def _findings(row: TillImport) -> list[Shown]:
    said = row.closings.filter(Q(outcome=ImportedOutcome.REFUSED) | ~Q(notes=[])).order_by("register", "number", "id")
    return [
        {
            "register": one.register,
            "number": one.number,
            "outcome": one.outcome,
            "because": one.because or None,
            "notes": one.notes,
        }
        for one in said[:MAX_FINDINGS]
    ]


class TillFilesView(ApiView):
    """The SAF-T files of the key's sales point."""

    parser_classes = (FileParser, TextXmlParser)
    arriving: blobs.Arriving | None = None

    @extend_schema(
        operation_id="list_till_files",
        summary="List SAF-T files",
        tags=["Day closings"],
        parameters=query_parameters(FILTERS),
        responses={200: page_of(TillFileOutput)},
    )
    def get(self, request: Request) -> Response:
        """Give a page of files, newest first; with updated_after oldest change first."""
        return Response(page(request, files_of(key_holder(request).sales_point), FILTERS, show_file))

    @extend_schema(
        operation_id="hand_over_till_file",
        summary="Hand over a till's SAF-T file",
        tags=["Day closings"],
        parameters=[FILENAME],
        request={"application/xml": OpenApiTypes.BINARY, "text/xml": OpenApiTypes.BINARY},
        responses={201: TillFileOutput, 200: TillFileOutput},
    )
    def post(self, request: Request) -> Response | HttpResponse:
        """Store a SAF-T Cash Register file, the body as it is, however large; a worker reads it afterwards.

        Each of its Z reports becomes a day closing, once. The same file again is answered with its first import (200).
        """
        try:
            _ = request.data  # read before a transaction begins: a large body takes its time
            return self._record(request)
        finally:
            if self.arriving is not None:
                self.arriving.discard()

    @idempotent
    def _record(self, request: Request) -> Response:
        if self.arriving is None:
            raise Problem(INVALID_BODY, "Send the file as the body.", [Error("required", "Send the file.")])
        holder = key_holder(request)
        taken = accept_till_file(
            sales_point=holder.sales_point,
            sha256=self.arriving.keep(SUFFIX),
            size_bytes=self.arriving.size,
            filename=str(request.query_params.get("filename", "")),
            actor=Actor.system(f"API key {holder.api_key.prefix}"),
        )
        row = taken.till_import
        if row.sales_point_id != holder.sales_point.pk:
            raise Problem(
                REFERENCE_USED,
                "Another sales point of the same client has handed this file over; it is imported there.",
            )
        return recorded(request, show_file(row), is_new=taken.is_new, path=f"/api/v1/till-files/{row.pk}")


class TillFileView(ApiView):
    """One SAF-T file."""

    @extend_schema(
        operation_id="get_till_file",
        summary="Read how far a SAF-T file is",
        tags=["Day closings"],
        responses=TillFileWithFindingsOutput,
    )
    def get(self, request: Request, file_id: int) -> Response:
        """Give bytes read of bytes in all, what came out so far, and every Z report that a person should look at."""
        row = files_of(key_holder(request).sales_point).filter(pk=file_id).first()
        if row is None:
            raise Problem(NOT_FOUND, f"No SAF-T file {file_id} is at this sales point.")
        return Response(show_file(row) | {"findings": _findings(row)})
