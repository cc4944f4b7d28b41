"""What documents for the customer are made from and where they are kept."""

from __future__ import annotations

from backoffice.invoices.models.issued import Channel, DocumentSending, IssuedDocument
from backoffice.invoices.models.link import DocumentLink
from backoffice.invoices.models.rates import BankAsked, BankRate, HomeRate
from backoffice.invoices.models.run import DocumentRun, DocumentRunItem, RunKind
from backoffice.invoices.models.seller import CompanyForm, SellerProfile
from backoffice.invoices.models.theme import Design, DocumentPolicy, DocumentTheme, FontFamily, Logo

__all__ = [
    "BankAsked",
    "BankRate",
    "Channel",
    "CompanyForm",
    "Design",
    "DocumentLink",
    "DocumentPolicy",
    "DocumentRun",
    "DocumentRunItem",
    "DocumentSending",
    "DocumentTheme",
    "FontFamily",
    "HomeRate",
    "IssuedDocument",
    "Logo",
    "RunKind",
    "SellerProfile",
]
