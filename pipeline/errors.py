"""The exception for errors that the user can fix."""

from __future__ import annotations


class PipelineError(ValueError):
    """Invalid input; the message says what was found, what was expected, where, and what to do.

    The command line prints the message without a traceback and exits with code 2.
    """
