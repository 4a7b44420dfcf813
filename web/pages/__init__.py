"""Pages on which a person makes a passkey, signs, and takes back what they signed."""
