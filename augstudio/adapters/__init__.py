"""The exact pipeline inside other people's loops: the copies of an export, drawn anew for each sample and epoch."""
