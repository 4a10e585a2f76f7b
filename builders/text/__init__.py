"""Captions without images: the sets that probe a text encoder alone."""
