"""Speed against floors, measured in the same run; knows the demo only from outside, as its visitors do."""
