"""Post signed events to addresses that somebody entered."""
