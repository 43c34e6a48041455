"""The page that a visitor sees; draws what the model says, computes nothing itself."""
