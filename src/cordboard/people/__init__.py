"""Who owns what: users, devices, numbers, tenants. Dry."""
