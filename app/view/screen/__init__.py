"""The first screen: page, step card, timeline, narration, derivation."""
