"""Sections of cards of found images: mined sets, and imports of sets that others made."""
