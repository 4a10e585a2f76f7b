"""Telling the truth about a dataset: its card, its versions, views of it for other tools."""
