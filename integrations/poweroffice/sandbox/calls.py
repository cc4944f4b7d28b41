"""What a route's handler is given: the request, the books it concerns and who asks."""

from dataclasses import dataclass, field
from typing import Any

from .books import Books
from .errors import not_found
from .messages import Request
from .options import SandboxOptions
from .schema import Shape, guid, read_object


@dataclass
class Call:
    """One authorised call on the books of one company."""

    request: Request
    books: Books
    options: SandboxOptions
    application_key: str
    may_send_invoice: bool
    path: dict[str, str] = field(default_factory=dict)

    def body(self, shape: Shape, title: str) -> dict[str, Any]:
        """Read the body strictly by its table."""
        return read_object(self.request.json(title), shape, title)

    def number_in_path(self, name: str, what: str) -> int:
        """Give an integer id of the path; anything else cannot exist: 404."""
        text = self.path[name]
        if not text.isascii() or not text.isdigit() or len(text) > 18:
            raise not_found(f"{what} with id = {text} not found.")
        return int(text)

    def guid_in_path(self, name: str, what: str) -> str:
        """Give a GUID of the path; anything else cannot exist: 404."""
        try:
            return str(guid(self.path[name]))
        except ValueError as error:
            raise not_found(f"{what} with id = {self.path[name]} not found.") from error
