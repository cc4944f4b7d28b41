"""Files that document a voucher: what a system takes, what is given to it, what it gives back."""

from __future__ import annotations

from dataclasses import dataclass

from backoffice.contracts.documents import DocumentKind


@dataclass(frozen=True, slots=True)
class AttachmentRules:
    """What an accounting system takes as documentation of a voucher.

    Checked before anything is sent. max_bytes holds for what goes out at once; where keeps_several is False a file
    replaces the earlier one of the same voucher, and several files must go as one. own_kinds are the documents of
    which the system makes its own PDF.
    """

    kinds: frozenset[DocumentKind]
    media_types: frozenset[str]
    max_bytes: int
    keeps_several: bool = False
    own_kinds: frozenset[DocumentKind] = frozenset()


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """One file: its name for people, its media type ("application/pdf"), its bytes."""

    name: str
    media_type: str
    content: bytes
