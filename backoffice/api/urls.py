"""The REST API's addresses. What nothing stands at is answered as a problem too."""

from django.urls import path, re_path, register_converter
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from backoffice.api.batch_lists import BatchCsvView, BatchPdfView
from backoffice.api.day_closings import DayClosingsView, DayClosingView
from backoffice.api.document_links import DocumentLinksView
from backoffice.api.documents import DocumentEhfView, DocumentFileView, RefundDocumentView, SaleDocumentView
from backoffice.api.events import EventsView
from backoffice.api.inbound import InboundView
from backoffice.api.payments import PaymentsView, PaymentView
from backoffice.api.payouts import PayoutsView, PayoutView
from backoffice.api.problems import unknown_address
from backoffice.api.refunds import RefundsView, RefundView
from backoffice.api.sales import BatchView, SalesView, SaleView
from backoffice.api.till_files import TillFilesView, TillFileView
from backoffice.api.vouchers import ACT_VIEWS, BulkView, VouchersView, VoucherView


class ReferenceConverter:
    """A sender's reference in an address: anything that can be printed, slashes too."""

    regex = r"[^\x00-\x1f\x7f]{1,100}"

    def to_python(self, value: str) -> str:
        """Take it as it is."""
        return value

    def to_url(self, value: str) -> str:
        """Give it as it is."""
        return value


register_converter(ReferenceConverter, "reference")

urlpatterns = [
    path("v1/sales", SalesView.as_view()),
    path("v1/sales/batch", BatchView.as_view()),
    path("v1/sales/<reference:reference>", SaleView.as_view()),
    path("v1/payments", PaymentsView.as_view()),
    path("v1/payments/<reference:reference>", PaymentView.as_view()),
    path("v1/refunds", RefundsView.as_view()),
    path("v1/refunds/<reference:reference>", RefundView.as_view()),
    path("v1/day-closings", DayClosingsView.as_view()),
    path("v1/day-closings/<reference:register>/<int:number>", DayClosingView.as_view()),
    path("v1/till-files", TillFilesView.as_view()),
    path("v1/till-files/<int:file_id>", TillFileView.as_view()),
    path("v1/payouts", PayoutsView.as_view()),
    path("v1/payouts/<int:payout_id>", PayoutView.as_view()),
    path("v1/documents/links", DocumentLinksView.as_view()),
    path("v1/documents/files/<str:sha256>", DocumentFileView.as_view()),
    path("v1/documents/ehf/<str:sha256>", DocumentEhfView.as_view()),
    path("v1/documents/sales/<reference:reference>", SaleDocumentView.as_view()),
    path("v1/documents/refunds/<reference:reference>", RefundDocumentView.as_view()),
    path("v1/events", EventsView.as_view()),
    path("v1/vouchers", VouchersView.as_view()),
    path("v1/vouchers/bulk", BulkView.as_view()),
    path("v1/vouchers/<int:voucher_id>/sales.csv", BatchCsvView.as_view()),
    path("v1/vouchers/<int:voucher_id>/sales.pdf", BatchPdfView.as_view()),
    path("v1/vouchers/<int:voucher_id>", VoucherView.as_view()),
    *(path(f"v1/vouchers/<int:voucher_id>/{name}", view.as_view()) for name, view in ACT_VIEWS.items()),
    path("v1/inbound/<str:connection>/", InboundView.as_view(), name="inbound"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(), name="api-docs"),
    re_path(r"^(?P<path>[\s\S]*)$", unknown_address),
]
