"""One training job. The only room that imports TensorFlow."""
