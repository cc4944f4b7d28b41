"""Vouchers: the list with its bulk acts, the page, what its buttons do, and mending a cause where it is shown."""
