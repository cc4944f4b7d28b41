"""Causes around the documentation of a voucher: files of ours that are attached, and PDFs of theirs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.console.causes.entry import Button, Cause, Who

B, A = Who.BOOKKEEPER, Who.ACCOUNTING

DOCUMENTATION: tuple[Cause, ...] = (
    Cause(
        "attachment_type",
        _("The accounting system does not take such files"),
        _("It takes files of certain types as documentation, and this is none of them."),
        B,
        _("Make a PDF of it and attach that."),
    ),
    Cause(
        "attachment_too_large",
        _("The file is too large"),
        _("All files of a voucher go as one, and together they are larger than the accounting system takes."),
        B,
        _("Attach a smaller file, or keep this one in your own archive. The voucher itself is not touched."),
    ),
    Cause(
        "attachment_unreadable",
        _("The file cannot be read"),
        _("It is damaged or protected by a password, so that it cannot go together with the voucher's other files."),
        B,
        _("Open it, save it as a PDF without a password, and attach that."),
    ),
    Cause(
        "attachment_not_taken",
        _("The voucher takes no documentation"),
        _("The accounting system takes files only for vouchers that came to it as journals, and that still stand."),
        Who.NOBODY,
        _("Nothing. An invoice that the accounting system made has its own PDF there."),
    ),
    Cause(
        "documentation_differs",
        _("Another file stands with the voucher"),
        _("The answer to our file was lost, and what stands there now is not what we sent."),
        B,
        _("Look at the voucher over there. Send again replaces what stands there by ours."),
        Button.RESEND,
    ),
    Cause(
        "documentation_not_shown",
        _("The file was taken in and never showed"),
        _("The accounting system took the file and still does not show it with the voucher."),
        A,
        _("Look at the voucher over there. If the file is missing, send it again."),
        Button.RESEND,
    ),
    Cause(
        "documentation_missing",
        _("The accounting system has no PDF of it"),
        _("It issued the invoice and still gives no PDF of it."),
        A,
        _("Look at the invoice over there. When its PDF is there, fetch it again."),
        Button.RESEND,
    ),
    Cause(
        "documentation_unreadable",
        _("The documentation over there cannot be read"),
        _("The accounting system gave something that is not one PDF."),
        A,
        _("Look at the voucher's documentation over there, then try again."),
        Button.RESEND,
    ),
    Cause(
        "file_missing",
        _("A stored file is gone or was changed"),
        _("The file in this program's own store is not what was stored."),
        Who.SUPPORT,
        _("Restore the file that is named from a backup, then try again."),
        Button.RESEND,
    ),
)
