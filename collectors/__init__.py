"""Everything that knows a platform: where listings come from and how they are read."""
