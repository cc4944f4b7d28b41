"""Swedbank Pay as a source of payouts: its transaction list in XML and XLSX. There is no API for settlements."""
