"""Tillhouse: a customer data warehouse for retailers, from landing files to published marts."""
