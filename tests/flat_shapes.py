"""A recipe of some forty small scenes in shards of four, quick to build and to embed."""

RECIPE = """
recipe: 1
name: small
title: A small set of flat shapes
image: {size: 96}
objects: {names: [cube, sphere, mug, star, cone], look: flat}
shard_size: 4
subsets:
  - {name: two, layout: simco_two, variants: [left_big, right_big]}
"""
