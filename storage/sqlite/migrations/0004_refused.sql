-- What came down and this store could not take: asked for again, while everything else goes on.

CREATE TABLE refused_arrivals (
    uuid TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    message TEXT NOT NULL,
    refused_at TEXT NOT NULL
) STRICT;
