"""Colours every reader can tell apart, and the mark that figures of a card carry."""

from __future__ import annotations

SIGNATURE = b"Benchwright card"
"""In the metadata of every figure drawn for a card: what others put beside them is left alone."""

OKABE_ITO = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#f0e442")
"""Okabe and Ito's colours, without black: told apart with any common colour vision."""

OBJECT_COLOURS = tuple(
    (int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)) for colour in OKABE_ITO
)
"""The same as 8-bit RGB, for masks and boxes."""
