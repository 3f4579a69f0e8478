"""Fine-tuning jobs: asked for, followed, remembered, and what their curves say."""
