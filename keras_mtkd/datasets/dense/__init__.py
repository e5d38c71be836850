"""Data for dense prediction: rendered rooms, NYUv2, Cityscapes."""
