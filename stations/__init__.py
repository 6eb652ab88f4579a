"""What the factory does: pure rules and step functions, and one async runner that feeds them."""
