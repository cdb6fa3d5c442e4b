"""Cooperation of vehicles, roadside units and the cloud: messages, models, and what they are worth."""
