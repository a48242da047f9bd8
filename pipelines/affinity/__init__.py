"""What is bought together, as a graph: communities of items and of categories."""
