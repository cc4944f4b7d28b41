"""What changed in a voucher since somebody looked at it: the lines they saw travel with the form."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass

from backoffice.vouchers.models import Posting, Voucher

#: above this only the sums per ledger account travel, so that the form stays small
MAX_LINES_SENT = 200

Line = tuple[str, str, int, str]


@dataclass(frozen=True, slots=True)
class Change:
    """A line that is gone (sign "-") or new (sign "+"). amount_minor: debit > 0, credit < 0."""

    sign: str
    ledger_account: str
    vat_code: str
    amount_minor: int
    matching_reference: str


def _lines(voucher: Voucher) -> list[Line]:
    rows: list[Posting] = list(voucher.postings.all())
    if len(rows) <= MAX_LINES_SENT:
        return [(row.ledger_account, row.vat_code, row.amount_minor, row.matching_reference) for row in rows]
    sums: Counter[tuple[str, str]] = Counter()
    for row in rows:
        sums[row.ledger_account, row.vat_code] += row.amount_minor
    return [(account, vat_code, minor, "") for (account, vat_code), minor in sorted(sums.items())]


def seen_lines(voucher: Voucher) -> str:
    """Write the lines as they are now, for the form."""
    return json.dumps(_lines(voucher), ensure_ascii=False, separators=(",", ":"))


def changes_since(voucher: Voucher, seen: str) -> list[Change]:
    """Compare what a form brought back with the voucher as it is now; what cannot be read compares to nothing."""
    try:
        earlier = Counter(_line(one) for one in json.loads(seen or "[]"))
    except (TypeError, ValueError):
        earlier = Counter()
    now = Counter(_lines(voucher))
    gone = [Change("-", *line) for line in (earlier - now).elements()]
    new = [Change("+", *line) for line in (now - earlier).elements()]
    return gone + new


def _line(raw: object) -> Line:
    if not isinstance(raw, list) or len(raw) != 4:
        raise ValueError(f"{raw!r} is not a line.")
    account, vat_code, minor, reference = raw
    return str(account), str(vat_code), int(minor), str(reference)
