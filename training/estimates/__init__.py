"""What trainings take, learnt from those that ended, and how much one may ask for."""
