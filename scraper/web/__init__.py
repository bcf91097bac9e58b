"""The HTTP API and the page over one store. Reads only, through `scraper.query`; needs the extra `web`."""
