"""The demo's data: The Complete Journey, laid down as a retailer would deliver it.

Nothing outside this package knows the data set.
"""
