"""What can be wrong with an amount, a rate or a set of postings.

LedgerError
├─ CurrencyMismatch   two currencies in one sum
├─ SurplusDecimals    "12.345" for a currency with two decimals
├─ Unbalanced         postings that do not add to zero per date and currency
├─ TotalsDiffer       a sale whose parts do not add to its total
├─ VatDiffers         a sale's stated VAT is further from its rate than rounding explains
├─ PayoutDiffers      a payout whose rows do not add to it, or hold something nobody has explained
└─ InvalidIdentifier  an organisation number, KID or NIP with a wrong check digit
"""


class LedgerError(ValueError):
    """Refuse what would make the books wrong. The text says what to do about it."""


class CurrencyMismatch(LedgerError):
    """Two currencies met in one sum."""


class SurplusDecimals(LedgerError):
    """An amount has more decimals than its currency knows; it is never rounded silently."""


class Unbalanced(LedgerError):
    """Postings do not add to zero for a posting date and currency."""


class TotalsDiffer(LedgerError):
    """The parts of a sale do not add to the total that the customer saw."""


class VatDiffers(LedgerError):
    """The VAT that a sale states for a rate cannot come from rounding alone."""


class PayoutDiffers(LedgerError):
    """A payout cannot be posted: rows and amount differ, or a row's kind is not known."""


class InvalidIdentifier(LedgerError):
    """A number with a check digit that does not check."""
