"""DuckMart: segments of users, from a JSON spec to SQL, ids and insight."""

__version__ = "0.1.0"
