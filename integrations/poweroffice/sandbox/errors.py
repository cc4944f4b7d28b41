"""The refusals of the API, in its three shapes of body.

    ApiError         Problem Details with lower-case keys: title, status, detail
    GatewayError     the gateway in front: {"statusCode": 404, "message": "Resource not found"}
    EmptyError       401 and 403 of the API itself: no body at all
    OAuthError       the token call: {"error": "invalid_client", "error_description": "..."}
    DropConnection   not an answer: the socket is closed without one (fault switch)

Source: the wording follows the vendor's published examples; sentences the vendor has not published are
inferred.
"""


class Refusal(Exception):
    """Stand above every answer that is not the asked-for one."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class ApiError(Refusal):
    """Answer with Problem Details."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(status, detail)
        self.title = title
        self.detail = detail


class GatewayError(Refusal):
    """Answer as the gateway does, before the API has seen the request."""

    def __init__(self, status: int, message: str, retry_after_s: int | None = None) -> None:
        super().__init__(status, message)
        self.message = message
        self.retry_after_s = retry_after_s


class EmptyError(Refusal):
    """Answer with a status and an empty body."""

    def __init__(self, status: int) -> None:
        super().__init__(status, "")


class OAuthError(Refusal):
    """Answer the token call with an RFC 6749 error; wrong keys give 400, not 401."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(400, description)
        self.code = code


class DropConnection(Exception):
    """Close the connection without an answer."""


def invalid(title: str, detail: str) -> ApiError:
    """Give the 400 of a business rule."""
    return ApiError(400, title, detail)


def not_found(detail: str, title: str = "Object(s) not found") -> ApiError:
    """Give the 404 of an object, or of an object that a request refers to."""
    return ApiError(404, title, detail)


def conflict(title: str, detail: str) -> ApiError:
    """Give the 409 of something in use or already posted."""
    return ApiError(409, title, detail)
