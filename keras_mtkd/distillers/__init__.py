"""Models that train a student."""
