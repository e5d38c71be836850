"""The order in which `fit` goes through the data: by the run's seed and the epoch alone."""
