"""Planted truth on pictures: the miner on scenes whose truth is known, over many seeds."""
