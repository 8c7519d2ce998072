"""Why a text got its answer: attributions, shown as HTML and in a terminal."""
