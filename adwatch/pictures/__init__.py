"""What a picture says: its words with their places, its codes; from bytes, without network or store."""
