"""Vipps MobilePay as a source of payouts: Report API v2, settlement files in XML and CSV, the portal's CSV and XLSX."""
