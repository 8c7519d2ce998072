"""Download the raw data, with resume and checksums."""
