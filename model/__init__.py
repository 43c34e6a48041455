"""The model at inference: features, checked specimens, thirty curves. Knows no page and no server."""
