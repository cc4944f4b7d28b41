"""The REST API's addresses. What nothing stands at is answered as a problem too."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from backoffice.api.inbound import InboundView
from backoffice.api.payments import PaymentsView, PaymentView
from backoffice.api.problems import unknown_address
from backoffice.api.refunds import RefundsView, RefundView
from backoffice.api.sales import BatchView, SalesView, SaleView
from backoffice.api.vouchers import ACT_VIEWS, BulkView, VouchersView, VoucherView

urlpatterns = [
    path("v1/sales", SalesView.as_view()),
    path("v1/sales/batch", BatchView.as_view()),
    path("v1/sales/<path:reference>", SaleView.as_view()),
    path("v1/payments", PaymentsView.as_view()),
    path("v1/payments/<path:reference>", PaymentView.as_view()),
    path("v1/refunds", RefundsView.as_view()),
    path("v1/refunds/<path:reference>", RefundView.as_view()),
    path("v1/vouchers", VouchersView.as_view()),
    path("v1/vouchers/bulk", BulkView.as_view()),
    path("v1/vouchers/<int:voucher_id>", VoucherView.as_view()),
    *(path(f"v1/vouchers/<int:voucher_id>/{name}", view.as_view()) for name, view in ACT_VIEWS.items()),
    path("v1/inbound/<str:connection>/", InboundView.as_view(), name="inbound"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(), name="api-docs"),
    re_path(r"^(?P<path>.*)$", unknown_address),
]
