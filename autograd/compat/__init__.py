"""What exists only so that code written for HIPS autograd runs here: its inner names, re-told in the engine's terms.

The modules at HIPS's own import paths (`autograd.core`, `autograd.tracer`, `autograd.numpy.numpy_boxes` ...) only
re-export from this room; nothing in the engine knows it.
"""
