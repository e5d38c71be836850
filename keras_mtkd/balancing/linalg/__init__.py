"""Gramians and rows of Jacobians."""
