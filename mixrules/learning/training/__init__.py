"""Training: task data in, the loop over epochs, and what a network is worth beside the constants."""
