"""One module a contender, each run in a process of its own (two of them share an import name)."""
