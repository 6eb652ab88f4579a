"""Hardware: links carry bytes, framing cuts them, codecs read them, devices live and come back.

Knows no panel and no database. Everything that leaves this package is a reading (`drivers.readings`).
"""
