"""Measure vLLM on a real GPU, with dummy weights of the exact shape, and hold the renderer's numbers against it."""
