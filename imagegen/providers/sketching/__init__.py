"""Drawing without a model: landscapes from noise, whose mood follows the words of a prompt."""
