"""Who trains and answers: profiles, what they can do, the one place that builds an OpenAI client, error sentences."""
