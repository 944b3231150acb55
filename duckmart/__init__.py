"""DuckMart: segments of users, from a JSON spec to SQL, ids and insight."""
