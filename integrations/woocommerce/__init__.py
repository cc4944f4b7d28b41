"""WooCommerce as a sales channel: order webhooks in, refunds and missed orders through REST (wc/v3)."""
