"""The images that a training sees: selected, augmented, in batches."""
