"""Telling the truth about a dataset: audits, cards, publishing; to come."""
