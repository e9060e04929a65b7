"""Child processes: what goes over their pipes."""
