"""The benchmark: our speed compared with minimal programs (floors), measured by turns in the same run."""
