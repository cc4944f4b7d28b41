"""Causes that stop a voucher before anything is sent: mapping, dates, customers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.console.causes.entry import Button, Cause, Who

B, A, S = Who.BOOKKEEPER, Who.ADMINISTRATOR, Who.SHOP

MAPPING = (
    Cause(
        "payment_method_unmapped",
        _("A payment method has no ledger account"),
        _("Sales were paid in a way that no rule maps to a ledger account yet."),
        B,
        _("Choose the ledger account for this payment method. All vouchers that wait for it are released."),
        Button.MAP_PAYMENT,
    ),
    Cause(
        "group_unmapped",
        _("A sales group has no ledger account"),
        _("A product group at this VAT rate has no rule that says which ledger account and VAT code it uses."),
        B,
        _("Choose ledger account and VAT code for this group. All vouchers that wait for it are released."),
        Button.MAP_GROUP,
    ),
    Cause(
        "account_missing",
        _("A ledger account does not exist"),
        _("A rule names a ledger account that the accounting system does not have."),
        B,
        _("Map to an account that exists, or create it in the accounting system and read the chart again."),
        Button.CHOOSE_ACCOUNT,
    ),
    Cause(
        "account_inactive",
        _("A ledger account is not active"),
        _("The accounting system takes no postings on this account."),
        B,
        _("Activate it in the accounting system and read the chart again, or map to another account."),
        Button.CHOOSE_ACCOUNT,
    ),
    Cause(
        "vat_code_missing",
        _("A VAT code does not exist on that day"),
        _("The rule's VAT code is unknown in the accounting system or not valid on the posting date."),
        B,
        _("Choose a VAT code that is valid, then rebuild. If it was added lately, read the chart again."),
        Button.CHOOSE_ACCOUNT,
    ),
    Cause(
        "vat_not_allowed",
        _("The ledger account does not take this VAT code"),
        _("The account's VAT code is locked in the accounting system and differs from the rule's."),
        B,
        _("Map to an account with the right VAT code, or unlock the code on the account over there."),
        Button.CHOOSE_ACCOUNT,
    ),
    Cause(
        "vat_follows_account",
        _("VAT follows the ledger account here"),
        _("The accounting system takes the VAT of an order line from the account, and the account has another code."),
        B,
        _("Map this group to a sales account that carries the VAT code of the sale."),
        Button.CHOOSE_ACCOUNT,
    ),
    Cause(
        "dimension_required",
        _("A dimension is required"),
        _("The ledger account asks for a department, project or another dimension, and the sale carries none."),
        A,
        _("Give the sales point a default for that dimension, then rebuild."),
        Button.SALES_POINT,
    ),
    Cause(
        "dimension_missing",
        _("A dimension does not exist"),
        _("The department, location, project or dimension code is not known in the accounting system."),
        A,
        _("Correct the code on the sales point, or create it over there and read the chart again."),
        Button.SALES_POINT,
    ),
    Cause(
        "product_archived",
        _("The product is archived over there"),
        _("The accounting system takes no orders for an archived product."),
        B,
        _("Bring the product back from the archive over there, or give the sales group's rule another product code."),
        Button.CHOOSE_ACCOUNT,
    ),
    Cause(
        "product_code_invalid",
        _("The product code does not fit over there"),
        _("The accounting system takes no product with this code."),
        B,
        _("Give the sales group's rule a shorter or plainer product code, or leave it empty."),
        Button.CHOOSE_ACCOUNT,
    ),
    Cause(
        "product_account_differs",
        _("The product hangs on another ledger account"),
        _("A product with this code exists over there, but on another account than the rule says."),
        B,
        _("Change the product code in the rule, or the product's account in the accounting system."),
        Button.CHOOSE_ACCOUNT,
    ),
)

PERIOD = (
    Cause(
        "locked_period",
        _("The period is locked"),
        _("The books take nothing on or before the lock date."),
        B,
        _("Move the voucher to the first open day (the original date stays in its text), or open the period."),
        Button.MOVE_DAY,
    ),
    Cause(
        "before_conversion",
        _("The date is before the books begin"),
        _("The client's books in the accounting system start later than this date."),
        B,
        _("Move it to the first open day, or withdraw it when it was booked in the old system."),
        Button.MOVE_DAY,
    ),
)

CUSTOMER = (
    Cause(
        "customer_ambiguous",
        _("Several customers could be meant"),
        _("The accounting system has more than one customer with this organisation number or e-mail address."),
        B,
        _("Write the number of the customer that is meant. It is kept for this buyer, and what waited goes on."),
        Button.CHOOSE_CUSTOMER,
    ),
    Cause(
        "z_number_gap",
        _("A day closing is missing"),
        _("The numbers of a register's Z reports count on by one, and one or more before this closing never came."),
        S,
        _("Send the missing closing. If it does not exist, say so on the closing's page; that is kept in the trail."),
    ),
    Cause(
        "invoice_payment_unknown",
        _("The till took money for an invoice nobody knows"),
        _("No sale of the client has the matching reference under which the till took the payment."),
        S,
        _("Send the sale with that matching reference. The closing goes on by itself then."),
    ),
    Cause(
        "invoice_payment_currency",
        _("An invoice was paid at the till in another currency"),
        _("The invoice is in one currency, and the day closing that paid it in another."),
        B,
        _("Withdraw the voucher and post the closing by hand, with the rate that the customer got."),
    ),
    Cause(
        "cash_bank_missing",
        _("Cash went to the bank, and nobody said to which account"),
        _("The payment method cash has no bank account in its mapping."),
        B,
        _("Add the bank account to the mapping of the payment method cash, then rebuild."),
        Button.REBUILD,
    ),
    Cause(
        "drawer_account_missing",
        _("Cash went into or out of a drawer, and nobody said to which account"),
        _("The till reports cash paid in or out without a sale, and the client names no account for it."),
        A,
        _("Enter the account on the client's page, then rebuild. What it was for is posted against it by hand."),
        Button.REBUILD,
    ),
    Cause(
        "customer_archived",
        _("The customer is archived over there"),
        _("The accounting system takes no orders or postings for an archived customer."),
        B,
        _("Bring the customer back from the archive over there, then resend."),
        Button.RESEND,
    ),
    Cause(
        "organisation_number_invalid",
        _("The organisation number is wrong"),
        _("Its check digit does not fit, so an electronic invoice would not arrive."),
        S,
        _("Correct the number in the shop and send the sale again."),
        Button.SALE,
    ),
    Cause(
        "customer_name_missing",
        _("The customer has no name"),
        _("The accounting system keeps no customer without a name, and the sale has none."),
        S,
        _("Add the name in the shop and send the sale again."),
        Button.SALE,
    ),
    Cause(
        "email_missing",
        _("There is no e-mail address for the invoice"),
        _("A private buyer gets the invoice by e-mail, and the sale has no address."),
        S,
        _("Add the address in the shop and send the sale again."),
        Button.SALE,
    ),
)
