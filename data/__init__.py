"""What is data, not code: recipes, layouts, templates, the sprite atlas."""
