"""Accounting as mathematics: money, VAT, balanced vouchers. No Django, no clock, no I/O."""
