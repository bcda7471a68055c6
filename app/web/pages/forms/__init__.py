"""What visitors type, paste or upload, checked and turned into edits."""
