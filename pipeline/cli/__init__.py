"""The command line: ``sentiment COMMAND`` and the scripts of the stages."""
