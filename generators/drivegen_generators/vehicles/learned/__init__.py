"""Learned traffic: a diffusion model over futures on lane tokens; `generator` is the plugin."""
