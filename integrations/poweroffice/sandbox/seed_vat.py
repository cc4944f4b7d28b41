"""The VAT codes (SAF-T standard codes) with rate, validity and what each of them posts.

`how` says what a gross amount with the code does:
    none      nothing
    output    the VAT inside it is owed: credit on the account named
    input     the VAT inside it is deducted: debit on the account named
    reverse   VAT on top, owed and deducted at once (purchases from abroad)
    reversed  VAT on top, owed but not deductible: stays on the line's own account
A code may have several rows; the one valid on the date counts. Code 33 keeps its rate of 2020-2021 as an
expired row.
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class SeedVat:
    """One row of the VAT table; the rate is a fraction (0.25 = 25 %)."""

    vat_id: int
    code: str
    rate: Decimal
    how: str
    account_no: int | None
    valid_from: str
    valid_to: str | None
    name: str


OWED_ABROAD_NO, DEDUCTED_ABROAD_NO = 2704, 2714
_ROWS = """
101 0   0      none     -    2005-01-01 -          Ingen mva-behandling, kjøp
102 1   0.25   input    2710 2005-01-01 -          Fradrag, høy sats
103 11  0.15   input    2711 2012-01-01 -          Fradrag, middels sats
104 12  0.1111 input    2712 2005-01-01 -          Fradrag, råfisk
105 13  0.12   input    2713 2021-10-01 -          Fradrag, lav sats
106 14  0.25   none     -    2005-01-01 -          Innførsel betalt ved grensen, høy sats
107 15  0.15   none     -    2012-01-01 -          Innførsel betalt ved grensen, middels sats
108 20  0      none     -    2005-01-01 -          Innførsel uten grunnlag
109 21  0.25   none     -    2005-01-01 -          Grunnlag innførsel, høy sats
110 22  0.15   none     -    2012-01-01 -          Grunnlag innførsel, middels sats
111 3   0.25   output   2700 2005-01-01 -          Utgående mva høy sats
112 31  0.15   output   2701 2012-01-01 -          Utgående mva middels sats
113 32  0.1111 output   2702 2005-01-01 -          Utgående mva råfisk
114 33  0.12   output   2703 2021-10-01 -          Utgående mva lav sats
115 33  0.06   output   2703 2020-04-01 2021-09-30 Utgående mva lav sats (midlertidig)
116 5   0      none     -    2005-01-01 -          Fritatt salg i Norge
117 51  0      none     -    2017-01-01 -          Salg med omvendt avgiftsplikt
118 52  0      none     -    2017-01-01 -          Utførsel av varer og tjenester
119 6   0      none     -    2005-01-01 -          Salg utenfor merverdiavgiftsloven
120 7   0      none     -    2005-01-01 -          Ingen mva-behandling, inntekt
121 81  0.25   reverse  2714 2017-01-01 -          Vareinnførsel med fradrag, høy sats
122 82  0.25   reversed 2704 2017-01-01 -          Vareinnførsel uten fradrag, høy sats
123 83  0.15   reverse  2714 2017-01-01 -          Vareinnførsel med fradrag, middels sats
124 84  0.15   reversed 2704 2017-01-01 -          Vareinnførsel uten fradrag, middels sats
125 85  0      none     -    2017-01-01 -          Vareinnførsel uten avgift
126 86  0.25   reverse  2714 2005-01-01 -          Tjenester fra utlandet med fradrag, høy sats
127 87  0.25   reversed 2704 2005-01-01 -          Tjenester fra utlandet uten fradrag, høy sats
128 88  0.12   reverse  2714 2021-10-01 -          Tjenester fra utlandet med fradrag, lav sats
129 89  0.12   reversed 2704 2021-10-01 -          Tjenester fra utlandet uten fradrag, lav sats
130 91  0.25   reverse  2714 2017-01-01 -          Klimakvoter og gull med fradrag
131 92  0.25   reversed 2704 2017-01-01 -          Klimakvoter og gull uten fradrag
"""


def _read(line: str) -> SeedVat:
    vat_id, code, rate, how, account, valid_from, valid_to, name = line.split(maxsplit=7)
    account_no = None if account == "-" else int(account)
    return SeedVat(
        int(vat_id),
        code,
        Decimal(rate),
        how,
        account_no,
        valid_from,
        None if valid_to == "-" else valid_to,
        name,
    )


VAT_ROWS = tuple(_read(line) for line in _ROWS.strip().splitlines())
VAT_BY_ID = {row.vat_id: row for row in VAT_ROWS}
NO_VAT_ID = 101


def vat_on(code: str, day: str) -> SeedVat | None:
    """Give the row of a code that is valid on a day (YYYY-MM-DD)."""
    for row in VAT_ROWS:
        if row.code == code and row.valid_from <= day and (row.valid_to is None or day <= row.valid_to):
            return row
    return None
