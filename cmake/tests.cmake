# Tests that are no room's: added as they come.
