"""Call detail records as administrators see them."""
