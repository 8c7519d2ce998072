"""Files: opening what people hand in, and writing what we make, whole or not at all."""
