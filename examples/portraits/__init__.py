"""Portraits of people who do not exist, and drawings of them, from geometry and light."""
