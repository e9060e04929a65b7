"""Pictures as files: the store, references and thumbnails. Knows nothing of jobs or the web."""
