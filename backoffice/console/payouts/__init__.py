"""Pages of payouts, the provider's rows and clearing accounts."""
