"""Wire tables: how models are written as bytes. No model, no time, no port in here."""
