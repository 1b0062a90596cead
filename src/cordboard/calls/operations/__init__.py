"""One module per family of operations; they never import each other."""
