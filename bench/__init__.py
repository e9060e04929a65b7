"""Measures imagegen against a plain Gradio app on the same emulated Gemini. `python -m bench --help`."""
