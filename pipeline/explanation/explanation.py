"""Why a text got its prediction: the attribution of each word, to be shown in a terminal, a notebook or on a page."""

from __future__ import annotations

from typing import Optional

from pipeline.explanation import html, terminal
from pipeline.explanation.attributed_text import AttributedText


class Explanation(AttributedText):
    """A text with the attribution of each word, which shows itself; the attributes are those of `AttributedText`."""

    def __str__(self) -> str:
        return self.to_terminal(colour=False)

    def _repr_html_(self) -> str:
        return self.to_html()

    def to_html(self, page: bool = False) -> str:
        """Return an HTML fragment with its style sheet, which loads nothing; or a whole page.

        The sign of an attribution is told by the kind of underline besides the colour, and a table lists all words.

        Parameters
        ----------
        page : bool
            Whether to return a whole page.

        Returns
        -------
        str
        """
        return html.render_page(self) if page else html.render_fragment(self)

    def to_terminal(self, colour: Optional[bool] = None) -> str:
        """Return lines for a terminal.

        Parameters
        ----------
        colour : bool, optional
            Whether to use ANSI colours; without them, the words with large attributions are put in brackets. By
            default, if standard output is a terminal and NO_COLOR (https://no-color.org) is not set.

        Returns
        -------
        str
        """
        return terminal.render(self, colour)
