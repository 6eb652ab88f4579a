"""What a line records goes up to the central server, in order and once; what was edited elsewhere comes down."""
