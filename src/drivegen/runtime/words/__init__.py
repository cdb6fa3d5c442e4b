"""Sentences as jobs and as scenarios: who reads them, what is let through, the dry run, what is kept."""
