"""Predictions for tables that are larger than memory, by several processes or machines."""
