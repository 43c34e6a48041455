"""Speed against floors: the least that could be served, measured in the same run and in turns."""
