"""Random programs over the whole registry: drawn, checked, shrunk, and printed as source."""
