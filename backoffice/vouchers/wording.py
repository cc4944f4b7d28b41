"""The texts of a voucher in the language of the client's books: "Payments 2026-11-20" becomes "Betalinger 20.11.2026".

Workflows write English. What goes into the books is written once more here, at the one place where drafts are stored,
so that content, hash and document hold the same words. Lines of an order or an invoice are the shop's own texts and
stay; so do names and references anywhere.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from backoffice.common.sentences import ORIGINAL, told_in
from backoffice.contracts.documents import JOURNAL_KINDS, JournalDocument

if TYPE_CHECKING:
    from backoffice.vouchers.drafting import Draft


def in_the_language_of_the_books(draft: Draft, language: str) -> Draft:
    """Give the draft with its texts in the language; English, in which it was written, changes nothing."""
    if language == ORIGINAL:
        return draft
    draft = replace(draft, description=told_in(draft.description, language))
    if draft.kind not in JOURNAL_KINDS:
        return draft
    document = draft.document
    if isinstance(document, JournalDocument):
        lines = tuple(replace(line, description=told_in(line.description, language)) for line in document.lines)
        document = replace(document, description=told_in(document.description, language), lines=lines)
    postings = tuple(replace(one, description=told_in(one.description, language)) for one in draft.postings)
    return replace(draft, document=document, postings=postings)
