"""Entry points of the stages, and what only development needs."""
