"""The HTTP server: daphne, with limits that hold before any application is asked."""
