"""Exports with everything around the files: asking a line or the central server, drawing sheets, signing, going on.

Nothing here touches a store: rows come over a control socket, or from PostgreSQL.
"""
