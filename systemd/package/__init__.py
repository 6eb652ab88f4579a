"""The Debian package: a virtual environment at its final place, with units, rules and scripts. Made by `make deb`."""
