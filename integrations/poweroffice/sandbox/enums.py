"""The enumerations of the API that the sandbox knows, by their names in the vendor's specification."""

INVOICE_DELIVERY = ("PdfByEmail", "Print", "EHF", "AvtaleGiro", "External", "Efaktura", "Factoring")
SEND_DELIVERY = ("PdfByEmail", "PdfPrintForDownload", "Auto", "EHF", "Efaktura", "AvtaleGiro")
REMINDER_DELIVERY = ("PdfByEmail", "Print")
ORDER_STATUS = ("Draft", "Confirmed")
LINE_TYPE = ("Normal", "Text", "Summary", "InvoiceFee", "TotalHours")
PRODUCT_TYPE = ("Product", "Service")
DOCUMENTATION_TYPE = ("Ehf", "Pdf", "Images", "All")
SUB_LEDGER_TYPE = ("Customer", "Supplier", "Employee")
AGRICULTURE = ("None",)
VAT_RETURN = (
    "None",
    "Adjustment",
    "LossesOnClaims",
    "ReversalOfInputValueAddedTax",
    "Withdrawals",
    "AdjustmentVatCompensationRealProperty",
    "PurchasesEligibleForCompensation",
)
UNITS = tuple(
    "BX MTR KMT KGM EA LTR HUR DAY MTK MTQ TNE MON ANN QAN NL XRO XBA XPL XPC PR XCI XBG SET XTY XOF FTK KWH MWH "
    "LBR CMT DMT LM XPK GRM HGM XFL XBE E54 MMT DAA H18 MLT HLT DLT AK XCR E14 MJ J57 XJG XCT XSA XTU WEE XCA XCN "
    "NAR M4 XVQ P1 MFU KMK LM3 FOT FM3 E34 E35".split()
)
VOUCHER_TYPE = (
    "Unknown IncomingInvoice IncomingCreditNote OutgoingInvoice OutgoingCreditNote IncomingBankRemittance "
    "IncomingOcrGiro ManualJournal Expense CashJournal IncomingPayments OutgoingPayments YearEndJournal BankJournal "
    "VatReturns PayrollJournal OutgoingPaymentReminder OutgoingNoticeOfDebtCollection OutgoingPaymentDemand "
    "OutgoingWarrantOfExecution CorrectionVoucher ReversalVoucher DepreciationJournal TravelExpense Settlement "
    "NegativeSettlement SystemGeneratedDocumentationVoucher"
).split()
