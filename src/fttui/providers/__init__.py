"""Providers of fine-tuning and answers: profiles, the one client, error sentences, the local server's whereabouts."""
