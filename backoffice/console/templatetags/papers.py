"""Labels for the files of a voucher."""

from __future__ import annotations

from django import template

from backoffice.vouchers.words_of_papers import file_badge, paper_badge

register = template.Library()
register.filter("file_badge", file_badge)
register.filter("paper_badge", paper_badge)
