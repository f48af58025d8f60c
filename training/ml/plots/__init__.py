"""Small pictures: architectures, learning rates, augmented digits, curves."""
