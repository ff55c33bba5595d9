"""What a text is: everything that knows an offer of a certificate."""
