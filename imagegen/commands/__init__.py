"""The command line: one module for each command. None of them loads Gradio."""
