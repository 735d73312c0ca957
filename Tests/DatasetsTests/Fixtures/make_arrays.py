"""Makes the small archives beside this script: python3 make_arrays.py (needs NumPy).

Six images of 2 x 2 x 3 bytes, the values 0 to 71, with the labels 0 1 2 0 1 2; the first four train."""
import os
import numpy

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "arrays")
images = numpy.arange(72, dtype=numpy.uint8).reshape(6, 2, 2, 3)
labels = numpy.array([0, 1, 2, 0, 1, 2])
arrays = {"x_train": images[:4], "y_train": labels[:4], "x_test": images[4:], "y_test": labels[4:]}
numpy.savez(os.path.join(HERE, "stored.npz"), **arrays)
numpy.savez_compressed(os.path.join(HERE, "packed.npz"), **arrays)
