"""What comes in: channels, appeals, findings about them, and the one way in."""
