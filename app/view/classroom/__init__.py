"""What a lecture shows beside the drawing: a question to the class, and the way to follow."""
