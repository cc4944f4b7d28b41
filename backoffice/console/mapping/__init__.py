"""Mapping rules and the chart they stand on."""
