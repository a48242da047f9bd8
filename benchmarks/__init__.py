"""How fast the house is: its whole job beside plain DuckDB SQL that does the same work."""
