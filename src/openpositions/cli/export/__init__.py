"""`openpositions export`: tables of a user's past, in CSV or Parquet."""
