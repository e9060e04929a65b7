"""imagegen: a self-hosted studio for making images with hosted and local models."""

VERSION = "0.1.0"
