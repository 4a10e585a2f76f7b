"""Backgrounds of scene sets: plain colours, procedural textures, photographs from a folder."""
