"""How the artifact is made: data, estimator, evidence, export. Serves nothing."""
