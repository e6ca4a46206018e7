"""Real programs against a real govdir process; what they expect is what other directory servers gave them."""
