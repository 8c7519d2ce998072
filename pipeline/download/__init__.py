"""Raw data over HTTP, with resume and checksums."""
