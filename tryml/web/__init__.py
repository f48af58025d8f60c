"""What every page shares: error pages, security headers, rate limits, htmx requests."""
