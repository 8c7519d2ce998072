"""One HTML page about a trained network: its settings, data, training, metrics, mistakes and words."""
