"""Drawing without a model: six families of scenes, whose choice, mood and manner follow the words of a prompt."""
