"""Planning writes: a wanted change and an image in, one WriteUnit out; one module per operation."""
