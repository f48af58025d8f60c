"""Commands: train_starter, record_landing_run."""
