"""Predictions over HTTP, and the page."""
