"""Why a text got its prediction: attributions, shown as HTML and in a terminal."""
