"""Graphs of models: their ends, taps in them, the modes of their layers."""
