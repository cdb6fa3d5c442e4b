"""Low-speed vehicles without a driver: delivery, retail, patrol, sweeping, shuttles."""
