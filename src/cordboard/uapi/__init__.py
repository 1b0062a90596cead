"""The VoipNow UnifiedAPI: the same calls through another door. Import from the modules themselves."""
