"""The chart of accounts every sandbox company starts with: own names, numbers as Norwegian practice has them.

A line holds number, default VAT code and name; words in brackets set what makes an account strict:
`inactive`, `locked` (only its own VAT code), `department` (must carry one), `control` (written by the
sub-ledger), `vat` (written by the VAT code only).
"""

from dataclasses import dataclass

CUSTOMER_CONTROL_NO = 1500
SUPPLIER_CONTROL_NO = 2400
CUSTOMERS_FROM, CUSTOMERS_TO = 10000, 19999
GAIN_NO, LOSS_NO = 8060, 8160
DEFAULT_SALES_NO = 3000
ROUNDING_NO = 7740

_CHART = """
1460 0  Varelager
1500 0  Kunder [control]
1530 0  Opptjent, ikke fakturert
1570 0  Forskudd til ansatte
1591 0  Oppgjør Vipps nettbutikk
1592 0  Oppgjør kort i butikk
1593 0  Oppgjør kort på nett
1594 0  Oppgjør Klarna nettbutikk
1595 0  Oppgjør PayPal
1596 0  Oppgjør gavekortleverandør
1597 0  Oppgjør kort i euro
1598 0  Oppgjør Svea
1599 0  Oppgjør andre betalingsmåter
1900 0  Hovedkasse
1901 0  Kontanter
1902 0  Bankkort
1903 0  Vipps
1904 0  Klarna
1905 0  Kontanter i euro
1906 0  Gavekort fra samarbeidspartner
1907 0  Stripe
1908 0  Kontanter i annen valuta
1909 0  Kassedifferanse under avklaring
1910 0  Visa
1920 0  Driftskonto i bank
1960 0  Konto i utenlandsk bank
2400 0  Leverandører [control]
2700 0  Skyldig mva. 25 % [vat]
2701 0  Skyldig mva. 15 % [vat]
2702 0  Skyldig mva. fisk [vat]
2703 0  Skyldig mva. 12 % [vat]
2704 0  Skyldig mva. kjøp fra utlandet [vat]
2710 0  Fradrag mva. 25 % [vat]
2711 0  Fradrag mva. 15 % [vat]
2712 0  Fradrag mva. fisk [vat]
2713 0  Fradrag mva. 12 % [vat]
2714 0  Fradrag mva. kjøp fra utlandet [vat]
2740 0  Mva. til oppgjør
2900 0  Forskudd fra kunder
2901 0  Solgte gavekort
2902 0  Tilgodelapper
2910 0  Tips til fordeling
2999 0  Annen kortsiktig gjeld
3000 3  Salg, høy sats
3001 31 Salg av mat å ta med
3002 3  Salg av øl og vin
3003 3  Salg av mineralvann
3020 3  Salg av tjenester, høy sats
3030 31 Salg av matvarer [locked]
3035 32 Salg av fisk
3050 33 Salg av billetter og overnatting
3080 3  Rabatter, høy sats
3100 5  Fritatt salg i Norge
3105 52 Salg til utlandet
3200 6  Salg utenfor loven
3300 3  Salg gjennom gammel kasse [inactive]
3400 3  Salg fordelt på avdeling [department]
3900 7  Andre inntekter
4300 1  Innkjøp av varer
6800 1  Kontorrekvisita
7740 0  Øreavrunding
7770 0  Gebyr til bank og betalingstjenester
7775 0  Provisjon kort
7798 0  Andre kostnader og kassemanko
7830 0  Tap på kunder
8060 0  Kursgevinst
8160 0  Kurstap
"""


@dataclass(frozen=True)
class SeedAccount:
    """One account of the starting chart."""

    number: int
    vat_code: str
    name: str
    marks: frozenset[str]


def _read(line: str) -> SeedAccount:
    number, vat_code, rest = line.split(maxsplit=2)
    name, _, marks = rest.partition(" [")
    return SeedAccount(int(number), vat_code, name, frozenset(marks.rstrip("]").split()))


CHART = tuple(_read(line) for line in _CHART.strip().splitlines())


def account_type(number: int) -> str:
    """Give Asset, Liability, Equity, Income or Expense by the first digits of the number."""
    if number < 2000:
        return "Asset"
    if number < 2100:
        return "Equity"
    if number < 3000:
        return "Liability"
    return "Income" if number < 4000 or 8000 <= number < 8100 else "Expense"
