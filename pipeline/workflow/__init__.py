"""The stages on files, what is up to date, and all stages in memory."""
