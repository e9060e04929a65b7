"""Heavy work in a process of its own: started by exec, spoken to in frames over pipes, gone with its parent."""
