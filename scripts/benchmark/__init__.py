"""How fast the pipeline is, beside PyTorch, Keras and others: ``python -m scripts.benchmark``."""
