"""The lists as the authorities' property: checked, tried before approval, imported, hunted with, added to."""
