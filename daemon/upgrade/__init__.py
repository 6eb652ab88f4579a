"""Another version of the program for the lines of this PC: taken into use by the package, or back by a person."""
