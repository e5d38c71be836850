"""What a step does with several objectives: a sum, weights, or combined gradients."""
