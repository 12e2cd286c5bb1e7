"""REST, live socket and page. This file stays light: decode workers import it with nothing else of the server."""
