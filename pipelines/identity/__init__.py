"""Identity: which source records are one person, company or household, see `docs/identity.md`."""
