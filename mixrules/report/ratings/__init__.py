"""What the listeners said: figures, page and folder of `ratings`."""
