"""The least that could be served, and the usual way to serve it: what our figures are divided by."""
