"""The simulated retailer: a home full of landing files, with an answer key of what is in them."""
