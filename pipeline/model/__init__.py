"""Networks, their batches, bundles and predictions."""
