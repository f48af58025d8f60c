"""Datasets that somebody uploads, as IDX files or as pictures in folders, checked and made like MNIST's."""
