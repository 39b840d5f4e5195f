"""The network: four convolutions over a mel block, what is done to its input, and the ways of 2022 as switches."""
