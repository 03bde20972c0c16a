"""`openpositions sandbox`: scenarios and recordings to test a program against."""
