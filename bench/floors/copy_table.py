"""Pandas reads a table and writes it again; no tool built on it can score one faster."""

import sys

import pandas as pd

if __name__ == "__main__":
    pd.read_csv(sys.argv[1]).to_csv(sys.argv[2], index=False)
