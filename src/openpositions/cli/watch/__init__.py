"""`openpositions watch`: the positions of a user, live."""
