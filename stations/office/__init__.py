"""What people decide away from the stations: orders, users, overrides, holds, the tray. One function a decision.

Each function reads what it needs from the view, inside the transaction that writes its batch, and answers an Outcome:
facts to write and a value to show, or a refusal in plain words. No clock, no loop, no I/O besides the view.
"""
