"""The provider `diffusers` with real libraries and a tiny model, in an environment of its own: `make local`."""
