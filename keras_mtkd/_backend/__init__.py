"""What speaks to Keras and its backends."""
