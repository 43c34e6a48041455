"""How programs reach the model: REST, Gradio's clients, AI agents and the Cloud Run function."""
