"""What a network has learnt: figures, page and folder of `train`."""
