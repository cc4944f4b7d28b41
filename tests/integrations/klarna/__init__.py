"""Tests of the adapter of a payment provider."""
