"""How it is drawn: changes to a finished picture, one group of them to a file."""
