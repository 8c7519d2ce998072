"""The lectures: their reference values, our figures beside them, and the report."""
