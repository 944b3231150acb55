"""The door for programs: the REST API, and what guards every HTTP request."""
