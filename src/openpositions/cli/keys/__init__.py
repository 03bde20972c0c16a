"""`openpositions keys`: make, list, revoke and import keys."""
