"""Reviews and labelled texts, as texts and as token ids."""
