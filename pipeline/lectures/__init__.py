"""The lectures: their reference values, the computed values beside them, and the report."""
