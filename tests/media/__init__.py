"""Tests of `imagegen.media`."""
