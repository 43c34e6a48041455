"""Programs' doors to the model; knows nothing about the page."""
