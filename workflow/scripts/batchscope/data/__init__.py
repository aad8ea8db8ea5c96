"""Where a study's samples come from."""
