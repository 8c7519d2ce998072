"""Tokenizers, vocabulary, n-grams and word vectors."""
