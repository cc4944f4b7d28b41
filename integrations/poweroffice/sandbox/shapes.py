"""The request bodies: one table per `...PostDto`, and what a PATCH may touch.

Source: the vendor's OpenAPI (March 2025). The outgoing invoice journal is inferred, see
`invoice_journals.py`.
"""

from . import enums
from .schema import (
    MAX_PRICE_DECIMALS,
    MAX_RATE_DECIMALS,
    Field,
    Shape,
    day,
    decimal,
    flag,
    guid,
    many,
    nested,
    one_of,
    text,
    whole,
)

INT32, INT64 = Field(whole(32)), Field(whole(64))
TEXT, REFERENCE, FLAG, DAY, GUID = Field(text()), Field(text(100)), Field(flag), Field(day), Field(guid)
MONEY, PRICE = Field(decimal(2)), Field(decimal(MAX_PRICE_DECIMALS))
RATE, DISCOUNT = Field(decimal(MAX_RATE_DECIMALS, 0, 1_000_000)), Field(decimal(MAX_PRICE_DECIMALS, -1000, 100))
UNIT, VAT_RETURN = Field(one_of(enums.UNITS)), Field(one_of(enums.VAT_RETURN))
FARM = Field(one_of(enums.AGRICULTURE))


def _each(names: str, known: Field) -> Shape:
    return dict.fromkeys(names.split(), known)


def _required(known: Field) -> Field:
    return Field(known.read, required=True)


DIMENSION_IDS = _each("DepartmentId LocationId ProjectId Dim1Id Dim2Id Dim3Id", INT64)
DIMENSION_CODES = _each("DepartmentCode LocationCode ProjectCode Dim1Code Dim2Code Dim3Code", TEXT)

ADDRESS: Shape = {
    **_each("AddressLine1 AddressLine2", Field(text(200))),
    "City": Field(text(100), required=True),
    "CountryCode": Field(text(2)),
    "ExternalCode": Field(text(50)),
    "ZipCode": Field(text(50), required=True),
}
CUSTOMER: Shape = {
    "Allowance": DISCOUNT,
    "BillableRate": PRICE,
    "ContactGroupIds": Field(many(whole(64))),
    "CurrencyCode": Field(text(3)),
    **_each("CustomerSince DateOfBirth", DAY),
    **_each("DeliveryTermId DepartmentId ExternalNumber InvoiceBrandingThemeId Number PaymentTermId", INT64),
    **_each("SalesPersonEmployeeId SalesPersonEmployeeNumber", INT64),
    **_each(
        "DeliveryTerm DepartmentCode EmailAddress FirstName InvoiceBrandingThemeCode InvoiceEmailAddress",
        TEXT,
    ),
    **_each("LastName LegalName Name NationalIdNumber OrganizationNumber PaymentReminderEmailAddress", TEXT),
    **_each("PhoneNumber WebsiteUrl", TEXT),
    **_each("DoNotAddLatePaymentFees DoNotAddLatePaymentInterest DoNotAutomatePaymentNotifications", FLAG),
    **_each(
        "IsArchived IsPerson IsVatFree SendPaymentReminders TransferToDebtCollectionAgency UseInvoiceFee",
        FLAG,
    ),
    "ExternalImportReference": Field(text(50)),
    "InvoiceDeliveryType": Field(one_of(enums.INVOICE_DELIVERY)),
    "InvoiceEmailAddressCC": Field(text(2000)),
    "MailAddress": Field(nested(ADDRESS)),
    "NoticeOfDebtCollectionDeliveryType": Field(one_of(enums.REMINDER_DELIVERY)),
    "PaymentTerm": INT32,
    "ReminderDeliveryType": Field(one_of(enums.REMINDER_DELIVERY)),
    "SubLedgerNumberSeriesId": GUID,
}
ACCRUAL: Shape = {
    **_each("BalanceAccountAgricultureDepartment ResultAccountAgricultureDepartment", FARM),
    **_each("BalanceAccountId BalanceAccountNo ResultAccountId ResultAccountNo", INT64),
    **_each("FromDate ToDate", DAY),
    "IsActive": FLAG,
}
ORDER_LINE: Shape = {
    "Accrual": Field(nested(ACCRUAL)),
    "Allowance": DISCOUNT,
    **DIMENSION_IDS,
    **DIMENSION_CODES,
    **_each("Description ProductCode", TEXT),
    "ExternalImportReference": REFERENCE,
    "LineType": Field(one_of(enums.LINE_TYPE)),
    **_each("ProductId SellersReferenceEmployeeId SellersReferenceEmployeeNo", INT64),
    **_each("ProductUnitCost ProductUnitPrice Quantity", PRICE),
    "SortOrder": INT32,
    "UnitOfMeasureCode": UNIT,
    "UseStandardSalesAccount": FLAG,
    "VatReturnSpecification": VAT_RETURN,
}
ORDER_HEADER: Shape = {
    **_each(
        "BrandingThemeId ContactDeliveryAddressId CustomerId CustomerNo CustomerReferenceContactPersonId",
        INT64,
    ),
    **_each("DeliveryTermId ImportedOrderNo PaymentTermId RelatedInvoiceNo", INT64),
    **_each("SalesPersonEmployeeId SalesPersonEmployeeNumber", INT64),
    **_each("BrandingThemeCode ContractNo CustomerReference DeliveryTerm PurchaseOrderReference", TEXT),
    "CurrencyCode": Field(text(3)),
    "CurrencyExchangeRate": RATE,
    **_each("CustomMatchingReference ExternalImportReference", REFERENCE),
    **_each("DeliveryDate SalesOrderDate", DAY),
    **DIMENSION_IDS,
    **DIMENSION_CODES,
    "PaymentTerm": INT32,
    "SalesOrderStatus": Field(one_of(enums.ORDER_STATUS)),
}
ORDER: Shape = {**ORDER_HEADER, "SalesOrderLines": Field(many(nested(ORDER_LINE)))}
SEND: Shape = {
    "DeliveryType": Field(one_of(enums.SEND_DELIVERY)),
    "EmailAddress": TEXT,
    **_each("OverrideDueDate VoucherDate", DAY),
}
VOUCHER_LINE: Shape = {
    "AccountId": _required(INT64),
    "CurrencyAmount": _required(MONEY),
    "CurrencyCode": Field(text(3)),
    "CurrencyExchangeRate": RATE,
    "CustomMatchingReference": REFERENCE,
    **DIMENSION_IDS,
    "Description": TEXT,
    "ExternalLineReference": REFERENCE,
    "PostingDate": _required(DAY),
    "ProductId": INT64,
    **_each("Quantity Quantity2", PRICE),
    "VatId": _required(INT32),
    "VatReturnSpecification": VAT_RETURN,
}
BANK_LINE: Shape = {**VOUCHER_LINE, "Cid": Field(text(25)), "InvoiceNo": Field(text(50))}


def _voucher(line: Shape) -> Shape:
    return {
        "CurrencyCode": Field(text(3), required=True),
        "Description": TEXT,
        "ExternalImportReference": REFERENCE,
        "ImportedVoucherNo": INT64,
        **_each("SaftBatchId SaftSourceId", Field(text(35))),
        "VoucherDate": _required(DAY),
        "VoucherLines": Field(many(nested(line)), required=True),
    }


VOUCHERS = {
    "BankJournals": _voucher(BANK_LINE),
    "CashJournals": _voucher(VOUCHER_LINE),
    "ManualJournals": _voucher(VOUCHER_LINE),
}
PRODUCT: Shape = {
    "Code": Field(text(100)),
    **_each("Description Gtin ProductGroupCode", TEXT),
    **_each("IsArchived IsStockItem", FLAG),
    "Name": Field(text(400), required=True),
    **_each("OptionalSalesAccount OptionalSalesAccountId ProductGroupId", INT64),
    **_each("StandardSalesAccount StandardSalesAccountId", INT64),
    **_each("OptionalSalesAccountAgricultureDepartment StandardSalesAccountAgricultureDepartment", FARM),
    "ProductType": Field(one_of(enums.PRODUCT_TYPE)),
    **_each("StockOnHand UnitCost UnitPrice", PRICE),
    "UnitOfMeasureCode": UNIT,
}
ACCOUNT: Shape = {
    "AccountNo": _required(INT64),
    "AgricultureDepartment": FARM,
    "CurrencyCode": Field(text(3)),
    "DepartmentCode": TEXT,
    "DepartmentId": INT64,
    "IsActive": _required(FLAG),
    **_each("IsDepartmentRequired IsProjectRequired IsVatCodeLocked", FLAG),
    "Name": Field(text(200), required=True),
    **_each("Unit1 Unit2", UNIT),
    "VatCode": TEXT,
    "VatCodeId": INT32,
    "VatReturnSpecification": VAT_RETURN,
}
PAYMENT_TERM: Shape = {
    "CreditDays": _required(INT32),
    **_each("IsActive IsDefault", FLAG),
    "Name": Field(text(128), required=True),
}
DEPARTMENT: Shape = {
    "Code": TEXT,
    "IsActive": FLAG,
    **_each("ManagerEmployeeId ManagerEmployeeNo", INT64),
    "Name": Field(text(), required=True),
}
LOCATION: Shape = {"Code": TEXT, "IsActive": FLAG, "Name": Field(text(), required=True)}
CUSTOM_DIMENSION: Shape = {
    "Code": Field(text(40)),
    "ExternalImportReference": Field(text(50)),
    "IsActive": FLAG,
    "Name": Field(text(200), required=True),
    "Ordinal": _required(INT32),
}
PROJECT: Shape = {
    "Name": Field(text(), required=True),
    **_each("Code ContractNo PurchaseOrderNo ParentProjectCode", TEXT),
    **_each("CustomerId DepartmentId LocationId ParentProjectId BrandingThemeId PaymentTermId", INT64),
    **_each("IsActive IsBillable IsInternal", FLAG),
    **_each("StartDate EndDate", DAY),
    "ProjectStatus": Field(one_of(("Tentative", "Active", "Archived", "NotStarted", "Complete"))),
}
ONBOARDING_START: Shape = {
    "ApplicationKey": _required(GUID),
    "ClientOrganizationNo": TEXT,
    "RedirectUri": Field(text(2000), required=True),
}
ONBOARDING_END: Shape = {"OnboardingToken": Field(text(), required=True)}


def _without(shape: Shape, names: str) -> Shape:
    left_out = names.split()
    return {name: known for name, known in shape.items() if name not in left_out}


_CODES = " ".join(DIMENSION_CODES)
CUSTOMER_PATCH = _without(
    CUSTOMER,
    "PaymentTerm DepartmentCode DeliveryTerm InvoiceBrandingThemeCode SubLedgerNumberSeriesId "
    "SalesPersonEmployeeNumber",
)
ORDER_PATCH = _without(
    ORDER_HEADER, f"{_CODES} BrandingThemeCode CustomerNo DeliveryTerm PaymentTerm SalesPersonEmployeeNumber"
)
ORDER_LINE_PATCH = _without(ORDER_LINE, f"{_CODES} ProductCode SellersReferenceEmployeeNo")
PRODUCT_PATCH = _without(PRODUCT, "OptionalSalesAccount StandardSalesAccount ProductGroupCode")
