"""The Gradio page: form, theme and the files that make it live. Importing this package does not import Gradio."""
