"""Stripe as a source of payouts: balance transactions by payout, and the payout reconciliation report in CSV."""
