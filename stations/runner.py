"""The one async runner of a line: read, step, commit, apply, act. One decision at a time."""
