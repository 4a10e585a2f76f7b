"""What can stand in a scene: models from many sources, and whose work they are."""
