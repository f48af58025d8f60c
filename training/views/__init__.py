"""The pages of training, and what they and programs ask of networks."""
