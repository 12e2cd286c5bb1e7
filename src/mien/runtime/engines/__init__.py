"""Many files by several processes, of this machine or of a Ray cluster, into one table: every file once."""
