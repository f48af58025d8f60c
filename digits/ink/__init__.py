"""Ink: pen strokes and bitmaps, and how they become images like MNIST's."""
