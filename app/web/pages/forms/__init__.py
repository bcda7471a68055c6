"""Form input: checked and turned into edits."""
