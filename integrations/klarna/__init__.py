"""Klarna, and Kustom (the former Klarna Checkout), as a source of payouts: Settlements API and its CSV report."""
