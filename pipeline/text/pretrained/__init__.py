"""Readers of pretrained word vectors, one module for each family of file formats."""
