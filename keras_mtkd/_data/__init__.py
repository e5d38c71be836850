"""Data as it comes: arrays, batches, labels, and what their content is."""
