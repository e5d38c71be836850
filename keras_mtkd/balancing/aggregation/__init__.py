"""Methods that combine gradients."""
