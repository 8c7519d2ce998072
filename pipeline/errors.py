"""The one error that is meant for the user's eyes."""

from __future__ import annotations


class PipelineError(ValueError):
    """Bad input: the message says what was found, what was expected, where, and what to do.

    The command line prints the message alone and ends with exit code 2.
    """
