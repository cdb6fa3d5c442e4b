"""Verdicts on a course of events: what the subject did, measured, and whether it is within bounds."""
