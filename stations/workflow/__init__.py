"""The workflow of one station as a pure step function: (state, event, facts) → (state, records, answer, actions)."""
