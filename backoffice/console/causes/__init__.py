"""The entries of the error catalogue."""
