"""Commands for whoever works on the house; nothing of the product imports them."""
