"""What a study is: read, checked and resolved while the workflow is parsed. No NumPy here."""
