"""Models that turn images and texts into vectors, each knowing exactly what it is."""
