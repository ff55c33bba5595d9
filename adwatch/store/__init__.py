"""The SQL store: the truth. Each module holds the rows of one stage."""
