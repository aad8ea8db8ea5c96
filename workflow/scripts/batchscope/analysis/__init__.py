"""Numbers from what was saved, and never a sentence."""
