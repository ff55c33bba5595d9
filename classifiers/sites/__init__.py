"""Sites that imitate an authority: their hosts, and later their pages."""
