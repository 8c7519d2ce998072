"""Benchmarks against PyTorch, Keras and other baselines: ``python -m scripts.benchmark``."""
