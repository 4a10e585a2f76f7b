"""Shards of images in, embedding sets out: read, crop, encode and write, all at once."""
