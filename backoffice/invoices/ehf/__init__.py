"""A document as EHF Billing 3.0, which is Peppol BIS Billing 3.0: UBL 2.1 that a buyer's accounting system can read."""

from backoffice.invoices.ehf.writing import NotAnInvoice, ehf_of, has_ehf, lacking_for_peppol, name_of

__all__ = ["NotAnInvoice", "ehf_of", "has_ehf", "lacking_for_peppol", "name_of"]
