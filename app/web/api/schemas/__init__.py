"""The requests and responses of the API."""
