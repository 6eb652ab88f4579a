"""Redis as a doorbell: hints for whoever listens. All of it may vanish, be slow, be full or be wrong at any time.

Nothing here raises or waits long because of Redis; nothing here is the truth about anything. A place is only a name:
who reads one from a line's file does not load the client, which takes longer to load than that file.
"""
