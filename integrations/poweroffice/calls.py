"""One call to PowerOffice with all that every call needs: limiter, token, one renewal, pages, short addresses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from backoffice.contracts.errors import Misunderstood
from backoffice.contracts.runtime import Runtime
from integrations.http import Answer, Http, NotJson, loads
from integrations.poweroffice.answers import conversation, failure_of, said_in, unreadable
from integrations.poweroffice.config import PROVIDER, Keys, Place, calls_per_second
from integrations.poweroffice.tokens import Tokens

Row = Mapping[str, Any]

#: Their default; more would only make one answer slower.
PAGE_SIZE = 5_000
#: A list that is longer is a mistake in the question, not something to read to the end.
MAX_PAGES = 200
#: Addresses over 2,000 characters are refused; the rest is room for the host and other parameters.
MAX_LIST_CHARACTERS = 1_500

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Calls:
    """The way to one client's books. Every method raises the ProviderError tree."""

    http: Http
    keys: Keys
    place: Place
    runtime: Runtime

    @property
    def tokens(self) -> Tokens:
        """Give the token handling of these books."""
        return Tokens(self.http, self.keys, self.runtime, self.place.token_path)

    def send(
        self,
        method: str,
        path: str,
        *,
        operation: str,
        query: Mapping[str, str] | None = None,
        body: str | bytes | None = None,
        content_type: str = JSON,
    ) -> Answer:
        """Make one call and give a successful answer; a refused token is renewed once (401 means it did not run)."""
        answer = self._attempt(method, path, operation, query, body, content_type)
        if answer.status == 401 and "subscription" not in said_in(answer).detail.lower():
            self.tokens.drop()
            answer = self._attempt(method, path, operation, query, body, content_type)
        if not answer.is_success:
            raise failure_of(answer, operation=operation, has_effect=method != "GET")
        return answer

    def _attempt(
        self,
        method: str,
        path: str,
        operation: str,
        query: Mapping[str, str] | None,
        body: str | bytes | None,
        content_type: str,
    ) -> Answer:
        bearer = self.tokens.bearer()
        pace = calls_per_second(self.runtime, is_sandbox=self.http.is_sandbox)
        self.runtime.limiter.wait(self.keys.limiter_key, per_second=pace)
        headers = {
            "Authorization": f"Bearer {bearer}",
            "Ocp-Apim-Subscription-Key": self.keys.subscription_key,
        }
        if body:
            headers["Content-Type"] = content_type
        return self.http.send(
            method,
            self.place.resource_path + path,
            operation=operation,
            query=query,
            headers=headers,
            body=body if isinstance(body, bytes) else (body or "").encode(),
        )

    def write(self, method: str, path: str, *, operation: str, body: str) -> Row:
        """Make a call with an effect and give the object that it answers.

        An answer without an object is OutcomeUnknown: it ran, and only a look-up can tell what came of it.
        """
        answer = self.send(method, path, operation=operation, body=body)
        return _object(answer, operation, has_effect=True)

    def read(self, path: str, *, operation: str, query: Mapping[str, str] | None = None) -> Row:
        """Read one object; Rejected when it does not exist."""
        answer = self.send("GET", path, operation=operation, query=query)
        return _object(answer, operation, has_effect=False)

    def rows(self, path: str, *, operation: str, query: Mapping[str, str] | None = None) -> list[Row]:
        """Read a list to its end. An empty one is 204 without a body; the next page is told in X-Pagination."""
        found: list[Row] = []
        for page in range(1, MAX_PAGES + 1):
            paging = {"PageNumber": str(page), "PageSize": str(PAGE_SIZE)}
            answer = self.send("GET", path, operation=operation, query={**(query or {}), **paging})
            rows = _list(answer, operation)
            found += rows
            if not rows or not _has_next_page(answer, operation, is_full=len(rows) >= PAGE_SIZE):
                return found
        raise Misunderstood(
            f"The list of {operation} is longer than {MAX_PAGES} pages.",
            provider=PROVIDER,
            operation=operation,
        )

    def rows_for(
        self,
        path: str,
        name: str,
        values: Sequence[str],
        *,
        operation: str,
        query: Mapping[str, str] | None = None,
    ) -> list[Row]:
        """Read a list filtered by many values of one parameter, in as few addresses as their length allows."""
        found: list[Row] = []
        for chunk in chunks_for_address(values):
            found += self.rows(path, operation=operation, query={**(query or {}), name: ",".join(chunk)})
        return found


def chunks_for_address(values: Sequence[str], limit: int = MAX_LIST_CHARACTERS) -> Iterator[list[str]]:
    """Cut a list into parts whose comma-joined, escaped text stays within `limit` characters.

    >>> list(chunks_for_address(["aaa", "bbb", "ccc"], limit=8))
    [['aaa', 'bbb'], ['ccc']]
    """
    chunk: list[str] = []
    length = 0
    for value in values:
        size = len(quote(value, safe="")) + 1
        if chunk and length + size > limit:
            yield chunk
            chunk, length = [], 0
        chunk.append(value)
        length += size
    if chunk:
        yield chunk


def segment(value: str) -> str:
    """Escape an id that stands in a path, so that it cannot become another address."""
    if not value or value in {".", ".."}:
        raise Misunderstood(f"{value!r} cannot be an id at PowerOffice.", provider=PROVIDER)
    return quote(value, safe="")


def _object(answer: Answer, operation: str, *, has_effect: bool) -> Row:
    try:
        body = answer.json()
    except NotJson as error:
        raise unreadable(answer, operation, has_effect=has_effect, what="not in JSON") from error
    if not isinstance(body, dict):
        raise unreadable(answer, operation, has_effect=has_effect, what="without the object it should hold")
    return body


def _list(answer: Answer, operation: str) -> list[Row]:
    try:
        body = answer.json()
    except NotJson as error:
        raise unreadable(answer, operation, has_effect=False, what="not in JSON") from error
    if body is None and answer.status == 204:
        return []
    if not isinstance(body, list) or not all(isinstance(row, dict) for row in body):
        raise unreadable(answer, operation, has_effect=False, what="without the list it should hold")
    return body


def _has_next_page(answer: Answer, operation: str, *, is_full: bool) -> bool:
    header = answer.headers.get("x-pagination")
    if header is None:
        return is_full
    try:
        paging = loads(header)
    except NotJson as error:
        raise Misunderstood("The X-Pagination header is not JSON.", **conversation(answer, operation)) from error
    if not isinstance(paging, dict):
        return is_full
    return bool({str(key).lower(): value for key, value in paging.items()}.get("nextpagelink"))
