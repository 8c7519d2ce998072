"""Running the stages, on files or in memory."""
