"""What is wrong with a scanner, found from what it makes of printed test codes. Pure: bytes in, findings out."""
