"""The programs that `benchmarks/engine.py` times: each is a process that answers JSON commands, one a line."""
