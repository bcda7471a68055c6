"""Why something in a lecture is refused."""


class LectureEnded(Exception):
    """There is no lecture under this code, or not any more."""


class NotAsked(Exception):
    """There is no such question."""


class AnswersClosed(Exception):
    """The question is revealed or withdrawn, so no answer is taken any more."""
