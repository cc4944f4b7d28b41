"""The pages that are no lists of a model, each behind the login."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from backoffice.console import help_pages
from backoffice.console.batches import batch_list, batch_paper
from backoffice.console.closings import accept_missing
from backoffice.console.document_links import make_link, revoke_link
from backoffice.console.documents import act_on_sending, document_ehf, document_file, email_document, make_document
from backoffice.console.many import act_on_run, download_run, many_documents
from backoffice.console.mapping import chart as chart_pages
from backoffice.console.mapping import pages as mapping_pages
from backoffice.console.papers import act_on_attachment, attachment_file, fetch_paper, paper_file
from backoffice.console.payouts.acts import act_on_payout, act_on_row, choose_account_method, choose_exchange
from backoffice.console.payouts.clearing import clearing_account, clearing_page
from backoffice.console.payouts.upload import upload_payouts
from backoffice.console.records import delete_event_file, read_event_again, verify_audit
from backoffice.console.sales import act_on_sale
from backoffice.console.scope_page import choose
from backoffice.console.setup import clients as setup_admin
from backoffice.console.setup import people as people_admin
from backoffice.console.setup import testing as connection_pages
from backoffice.console.themes import preview_theme
from backoffice.console.tills.page import act_on_import
from backoffice.console.tills.upload import upload_till_file
from backoffice.console.vouchers.acts import act_on_voucher
from backoffice.console.vouchers.approve_many import approve_selected
from backoffice.console.vouchers.mending import mend_on_voucher
from backoffice.console.webhooks import act_on_endpoint, resend_hook


def pages(site: AdminSite) -> list[URLPattern]:
    """Name every page; `site.admin_view` asks for the login first."""
    guarded = site.admin_view
    return [
        path("choose-client/", guarded(choose), name="choose_client"),
        path("vouchers/approve/", guarded(approve_selected), name="approve_selected"),
        path("vouchers/<int:pk>/do/<slug:verb>/", guarded(act_on_voucher), name="voucher_act"),
        path("vouchers/<int:pk>/mend/", guarded(mend_on_voucher), name="voucher_fix"),
        path("sales/<slug:kind>/<int:pk>/do/<slug:verb>/", guarded(act_on_sale), name="sale_act"),
        path("closings/<int:pk>/accept-missing/", guarded(accept_missing), name="closing_accept_missing"),
        path("closings/upload/", guarded(upload_till_file), name="till_upload"),
        path("closings/imports/<int:pk>/do/<slug:verb>/", guarded(act_on_import), name="till_import_act"),
        path("payouts/<int:pk>/do/<slug:verb>/", guarded(act_on_payout), name="payout_act"),
        path("payouts/rows/<int:pk>/do/<slug:verb>/", guarded(act_on_row), name="payout_row_act"),
        path("payouts/accounts/<int:pk>/exchange/", guarded(choose_exchange), name="payout_account_exchange"),
        path("payouts/accounts/<int:pk>/method/", guarded(choose_account_method), name="payout_account_method"),
        path("payouts/upload/", guarded(upload_payouts), name="payout_upload"),
        path("clearing/", guarded(clearing_page), name="clearing"),
        path("clearing/<int:pk>/", guarded(clearing_account), name="clearing_account"),
        path("documents/many/", guarded(many_documents), name="many_documents"),
        path("documents/many/<int:pk>/do/<slug:verb>/", guarded(act_on_run), name="document_run_act"),
        path("documents/many/<int:pk>/zip/", guarded(download_run), name="document_run_zip"),
        path("documents/make/<slug:kind>/<int:pk>/", guarded(make_document), name="make_document"),
        path("documents/<int:pk>/file/", guarded(document_file), name="document_file"),
        path("documents/<int:pk>/ehf/", guarded(document_ehf), name="document_ehf"),
        path("batches/<int:pk>/sales.csv", guarded(batch_list), name="batch_list"),
        path("batches/<int:pk>/sales.pdf", guarded(batch_paper), name="batch_paper"),
        path("documents/<int:pk>/email/", guarded(email_document), name="email_document"),
        path("documents/<int:pk>/link/", guarded(make_link), name="make_link"),
        path("documents/links/<int:pk>/revoke/", guarded(revoke_link), name="revoke_link"),
        path("documents/sendings/<int:pk>/<slug:verb>/", guarded(act_on_sending), name="act_on_sending"),
        path("attachments/<int:pk>/do/<slug:verb>/", guarded(act_on_attachment), name="act_on_attachment"),
        path("attachments/<int:pk>/file/", guarded(attachment_file), name="attachment_file"),
        path("vouchers/<int:pk>/paper/fetch/", guarded(fetch_paper), name="fetch_paper"),
        path("vouchers/<int:pk>/paper/", guarded(paper_file), name="paper_file"),
        path("themes/<int:client_id>/preview/", guarded(preview_theme), name="preview_theme"),
        path("webhooks/<int:pk>/do/<slug:verb>/", guarded(act_on_endpoint), name="webhook_act"),
        path("webhooks/deliveries/<int:pk>/resend/", guarded(resend_hook), name="webhook_resend"),
        path("inbox/<int:pk>/delete-file/", guarded(delete_event_file), name="delete_event_file"),
        path("inbox/<int:pk>/read-again/", guarded(read_event_again), name="read_event_again"),
        path("audit/verify/", guarded(verify_audit), name="verify_audit"),
        path("mapping/payment-methods/", guarded(mapping_pages.payment_mapping), name="payment_mapping"),
        path("mapping/sales-groups/", guarded(mapping_pages.sales_mapping), name="sales_mapping"),
        path("mapping/<int:client_id>/<slug:kind>/save/", guarded(mapping_pages.save_rule), name="save_rule"),
        path("mapping/<int:client_id>/<slug:kind>/remove/", guarded(mapping_pages.take_out_rule), name="take_out_rule"),
        path("chart/", guarded(chart_pages.chart_page), name="chart"),
        path("chart/<int:client_id>/read/", guarded(chart_pages.read_chart), name="chart_read"),
        path("connection/<int:pk>/test/", guarded(connection_pages.test_connection), name="test_connection"),
        path("connection/<int:pk>/confirm/", guarded(connection_pages.confirm_connection), name="confirm_connection"),
        path("connection/<int:pk>/pause/", guarded(connection_pages.pause_connection), name="pause_connection"),
        path("connection/<int:pk>/resume/", guarded(connection_pages.resume_connection), name="resume_connection"),
        path("keys/<int:pk>/revoke/", guarded(setup_admin.revoke_key), name="revoke_key"),
        path("roles/<int:pk>/remove/", guarded(people_admin.remove_membership), name="remove_membership"),
        path("people/<int:pk>/password/", guarded(people_admin.set_password), name="set_password"),
        path("help/what-can-go-wrong/", guarded(help_pages.catalogue_page), name="catalogue"),
        path("health/queue/", guarded(help_pages.health_page), name="health"),
    ]
