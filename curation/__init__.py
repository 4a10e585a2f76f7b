"""Finding images: from web shards to common and counter groups."""
