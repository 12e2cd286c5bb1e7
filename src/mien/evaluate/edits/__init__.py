"""Does editing work? What an independent classifier, features and pixels say of a generator's edits."""
