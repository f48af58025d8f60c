"""Log records and events in the database; the administrator's dashboard."""
