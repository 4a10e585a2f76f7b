"""From tables of addresses to image shards, every row accounted for."""
