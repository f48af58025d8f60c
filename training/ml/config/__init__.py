"""What a training is asked to do: architecture, hyperparameters, their limits and presets."""
