"""Zettle as a source of payouts: the liquid account of the Finance API v2."""
