"""One module a revision, named after its number; revisions are never edited after a release."""
