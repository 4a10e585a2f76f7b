"""How the calibration model is trained and measured; run by ``tools/train_calibration.py``."""
