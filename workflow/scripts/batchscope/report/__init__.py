"""Sentences about the numbers, and never a statistic."""
