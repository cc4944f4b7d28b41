"""Demo data: two companies with a day of sales, made through the product's own services."""
