"""A line beside paper: what the paper says, what the line says, and where the two differ.

`reading` turns a file into what the paper says, `compare` holds it against the line, `report` adds up; all pure.
`desk` keeps the sheets and explanations beside the shadow's store and asks the store for the rest.
"""
