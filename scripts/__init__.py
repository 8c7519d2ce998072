"""Entry points of the stages, and development tools."""
