"""Rendering with Mitsuba 3: baking sprites, and whole scenes for comparison.

Only needed to bake new assets and to measure composition against a full render; building a dataset
from baked sprites imports nothing from here. Install with the extra ``render``.
"""
