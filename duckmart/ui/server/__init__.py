"""What surrounds Streamlit in the server: its document and its routes."""
