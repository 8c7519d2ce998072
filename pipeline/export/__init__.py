"""Trained bundles in other formats."""
