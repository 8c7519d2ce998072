"""Sentences generated from templates to train on: short opinions with negations, contrasts, ratings and idioms."""
