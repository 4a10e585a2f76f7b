"""Making images: assets, designs, layouts, sprites, composition, scene sets."""
