"""Who may ask, and what a browser may do with the answer: an ASGI layer in front of everything. Reads no data and logs nothing."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from scraper.web.problems import MEDIA_TYPE, document

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = ("GET", "HEAD")
_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", _POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
)


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may ask."""

    address: str  # what the server listens at, e.g. "127.0.0.1" or "0.0.0.0"
    names: frozenset[str] = frozenset()  # further host names it may be called by, lower case
    token: str = ""  # "" asks for none

    def knows(self, host: str) -> bool:
        """Whether a request may call the server `host` (without port): a name that an attacker's DNS could point here is refused."""
        if host in self.names or host == self.address:
            return True
        number = _number(host)
        if is_loopback(self.address) or number is None:
            return host == "localhost" or (number is not None and number.is_loopback)
        return is_wildcard(self.address)


def _number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return a host that is a numeric address; None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_loopback(address: str) -> bool:
    """Whether only this machine reaches `address`."""
    number = _number(address)
    return address == "localhost" if number is None else number.is_loopback


def is_wildcard(address: str) -> bool:
    """Whether `address` stands for all of this machine's."""
    number = _number(address)
    return number is not None and number.is_unspecified


class Guard:
    """Lets a request through when its method, Host, Origin and token are right; puts the security headers on every answer."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app = app
        self._rules = rules
        self._secret = rules.token.encode()
        # The cookie is not the token itself, and is told apart by address, because cookies are shared by the ports of a host.
        self._cookie = hmac.new(self._secret, b"scraper cookie", hashlib.sha256).hexdigest()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - ASGI's only method
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = _Headers(scope)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *HEADERS]}
            await send(message)

        refusal = self._refusal(scope, headers)
        if refusal:
            await _say(guarded, *refusal)
        elif self._rules.token and not self._is_known(headers, scope):
            await self._first_visit(scope, guarded)
        else:
            await self._app(scope, receive, guarded)

    def _refusal(self, scope: Scope, headers: _Headers) -> tuple[int, str] | None:
        """Return the status and reason to refuse a request whoever sends it."""
        if scope["method"] not in METHODS:
            return 405, "this server only reads; use GET"
        host = _host(headers.one("host"))
        if host is None or not self._rules.knows(host):
            return 421, "this server is not called by that name; name it with: scraper serve --allow-host NAME"
        if headers.many("origin") and not _same_origin(headers.one("origin"), headers.one("host")):
            return 403, "requests from other origins are refused"
        if headers.one("sec-fetch-site") == "cross-site" and headers.one("sec-fetch-mode") != "navigate":
            return 403, "requests from other sites are refused"
        return None

    def _is_known(self, headers: _Headers, scope: Scope) -> bool:
        """Whether the request carries the token in its header, or the cookie that a first visit was given."""
        scheme, _, given = headers.one("authorization").partition(" ")
        if scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode("utf-8", "replace"), self._secret):
            return True
        try:
            found = SimpleCookie(headers.one("cookie")).get(_cookie_name(scope))
        except CookieError:
            return False
        return found is not None and hmac.compare_digest(found.value.encode(), self._cookie.encode())

    async def _first_visit(self, scope: Scope, send: Send) -> None:
        """Trade `?token=…` for a cookie and an address without it; refuse everything else."""
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = next((value for name, value in query if name == "token"), "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self._secret):
            await _say(send, 401, "open the address that `scraper serve` printed, or send the header Authorization: Bearer TOKEN")
            return
        rest = urlencode([(name, value) for name, value in query if name != "token"])
        # Always to the page: a path of the client's, such as //elsewhere, would lead away from here.
        location = f"/?{rest}" if rest else "/"
        # Lax, not Strict: a link clicked in a web terminal must arrive with it; nothing that is embedded does.
        cookie = f"{_cookie_name(scope)}={self._cookie}; Path=/; HttpOnly; SameSite=Lax"
        headers = [(b"location", location.encode("latin-1")), (b"set-cookie", cookie.encode()), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 303, "headers": [*headers, (b"cache-control", b"no-store")]})
        await send({"type": "http.response.body", "body": b""})


class _Headers:
    """A request's headers by name."""

    def __init__(self, scope: Scope) -> None:
        self._pairs: list[tuple[bytes, bytes]] = scope["headers"]

    def many(self, name: str) -> list[str]:
        return [value.decode("latin-1") for key, value in self._pairs if key == name.encode()]

    def one(self, name: str) -> str:
        """Return the header; "" where it is missing or, as an honest client never does, given twice."""
        found = self.many(name)
        return found[0] if len(found) == 1 else ""


def _cookie_name(scope: Scope) -> str:
    server = scope.get("server") or ("", 0)
    return f"scraper_{server[1]}"


def _host(header: str) -> str | None:
    """Return the host of a Host header in lower case, without port, brackets or final dot; None when it is no such header."""
    try:
        parts = urlsplit(f"//{header}")
        port_is_right = parts.port is None or parts.port > 0
    except ValueError:
        return None
    if not port_is_right or parts.netloc != header or "@" in header or parts.hostname is None:
        return None
    return parts.hostname.removesuffix(".")


def _same_origin(origin: str, host: str) -> bool:
    """Whether an Origin header names the server that the Host header does, port included."""
    scheme, _, rest = origin.lower().partition("://")
    default = {"http": ":80", "https": ":443"}.get(scheme)
    return default is not None and rest.removesuffix(default) == host.lower().removesuffix(default)


async def _say(send: Send, status: int, detail: str) -> None:
    """Answer with a problem."""
    body = document(status, detail)
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
    if status == 405:
        headers.append((b"allow", ", ".join(METHODS).encode()))
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
