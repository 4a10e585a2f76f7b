"""Everyday objects modelled from primitives: entries of ``data/objects``, formed into meshes."""
