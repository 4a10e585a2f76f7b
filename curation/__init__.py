"""Finding images: mining web shards for common and counter groups; to come."""
