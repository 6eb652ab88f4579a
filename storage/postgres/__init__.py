"""The central PostgreSQL server: its schema, and the way of records up and down. The one home of psycopg."""
