"""Figures of a card: light, readable at the Hub's width, safe for colour-blind readers."""
