"""Matplotlib figures of data, training and results."""
