"""Backbones: an image in, four feature maps of strides 4, 8, 16 and 32 out."""
