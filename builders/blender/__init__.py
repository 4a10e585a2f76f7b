"""Whole scenes rendered by Blender's Cycles, in a process of Blender's own that we talk to."""
