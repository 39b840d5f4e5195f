"""Speaking: a song heard by a network, its answers in the place of a rule's constant, and a plan of it."""
