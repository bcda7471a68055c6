"""The pages of lectures: the projector, the speaker window, the followers."""
