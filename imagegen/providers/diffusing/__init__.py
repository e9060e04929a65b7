"""The child process that makes pictures with diffusers. torch and all that hangs on it is loaded in there only."""
