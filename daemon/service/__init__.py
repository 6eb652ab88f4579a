"""The daemon as a service of its machine: what systemd and the journal are told."""
