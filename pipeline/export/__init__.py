"""Export of trained bundles in other formats."""
