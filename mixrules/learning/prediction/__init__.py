"""Prediction: what a network estimates of a song takes the place of a rule's constant, and a plan follows."""
