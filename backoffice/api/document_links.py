"""Links under which the customer opens a document without a login: made for a sales system that hands them on."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.api.authentication import key_holder
from backoffice.api.base import ApiView
from backoffice.api.examples import DOCUMENT_LINK
from backoffice.api.fields import TextField, TimeField
from backoffice.api.outgoing import Out, text
from backoffice.api.problems import NOT_FOUND, Problem, invalid_body
from backoffice.api.schema import PROBLEMS_OF_ONE
from backoffice.api.strict import Strict
from backoffice.audit.services import Actor
from backoffice.invoices.links import make_link
from backoffice.invoices.models import IssuedDocument
from backoffice.invoices.states import DocumentState


class DocumentLinkInput(Strict):
    """Which document: a hash that a sale's `documents` names."""

    sha256 = TextField(max_length=64, min_length=64, help_text="`sha256` of a document that was made here.")


class DocumentLinkOutput(Out):
    """A link for the customer; it is told this once."""

    url = text(help_text="Opens the PDF without a login. Whoever has it can open the document.")
    expires_at = TimeField()


class DocumentLinksView(ApiView):
    """Links to documents of the key's sales point."""

    #: the answer holds the token, which is kept nowhere, so it cannot be given again
    keeps_no_answer = True
    problems: ClassVar[dict[str, str]] = PROBLEMS_OF_ONE

    @extend_schema(
        operation_id="make_document_link",
        summary="Make a link under which the customer opens a document",
        tags=["Documents"],
        request=DocumentLinkInput,
        examples=DOCUMENT_LINK,
        responses={201: DocumentLinkOutput},
    )
    def post(self, request: Request) -> Response:
        """Make a new link to a stored document; every ask makes one more, each with its own end."""
        holder = key_holder(request)
        try:
            values: dict[str, Any] = DocumentLinkInput(context={}).run_validation(request.data)
        except ValidationError as error:
            raise invalid_body(error.detail) from error
        made = IssuedDocument.objects.select_related("client").filter(state=DocumentState.RENDERED)
        document = made.filter(sale__sales_point=holder.sales_point, sha256=values["sha256"]).first()
        if document is None:
            raise Problem(NOT_FOUND, "No document that was made here for this sales point has that hash.")
        link, token = make_link(document=document, actor=Actor.system(holder.caller))
        url = settings.PUBLIC_URL.rstrip("/") + reverse("open_link", args=[token])
        return Response({"url": url, "expires_at": TimeField().to_representation(link.expires_at)}, status=201)
