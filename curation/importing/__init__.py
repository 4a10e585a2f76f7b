"""Importing the original sets' folders, and building references-only sets from downloads."""
