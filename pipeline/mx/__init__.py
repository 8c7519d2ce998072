"""MXNet: its import, devices, streams and mixed precision."""
