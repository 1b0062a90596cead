"""Contact-centre sessions and agent states. Dry."""
