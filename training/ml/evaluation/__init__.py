"""How well a network reads: accuracy, confusion, calibration, agreement."""
