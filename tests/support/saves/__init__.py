"""How files are saved, and what pages show of it."""
