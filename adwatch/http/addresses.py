"""Which addresses may be asked: public ones, and those private hosts that a platform file names itself.

The check is made on the addresses a name resolves to, once, and the connection goes to the checked address: a name
that changes its answer (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from adwatch.errors import Refused, Unreachable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[..., list[tuple[Any, Any, Any, Any, Any]]]
"""As socket.getaddrinfo."""

_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_V4_COMPATIBLE = ipaddress.ip_network("::/96")
_HOST = re.compile(r"[a-z0-9._:-]{1,253}")
_SAFE = "/%:@!$&'()*+,;=~-._?[]"


def embedded(address: Address) -> Address:
    """The IPv4 address that an IPv6 one carries (mapped, compatible, 6to4, Teredo, NAT64), or the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if (address in _NAT64 or address in _V4_COMPATIBLE) and int(address) & 0xFFFFFFFF > 1:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(text: str) -> bool:
    """Whether an address is out on the Internet: not private, loopback, link-local, shared (CGNAT) or multicast."""
    try:
        address = embedded(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return False
    return address.is_global and not (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
    )


def clean_url(url: str) -> str:
    """The address as it is asked for: no fragment, host in ASCII, what is not ASCII percent-encoded.

    Refused for anything but http(s), for user names in addresses, and for what is no address.
    """
    text = url.strip()
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise Refused(f"{url[:200]!r}: 不是网址 is no address ({error})") from error
    if parts.scheme not in _PORTS:
        raise Refused(f"{url[:200]!r}: 只访问 http 和 https 网址 only http and https are fetched")
    if not host:
        raise Refused(f"{url[:200]!r}: 网址里没有域名 has no host")
    if parts.username is not None or parts.password is not None:
        raise Refused(f"{parts.scheme}://{host}: 带用户名的网址不访问 an address with a user name is not fetched")
    try:
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise Refused(f"{url[:200]!r}: 域名有误 the host's name cannot be written in ASCII") from error
    if not _HOST.fullmatch(host):
        raise Refused(f"{url[:200]!r}: 不是域名 not a host's name")
    netloc = f"[{host}]" if ":" in host else host
    if port is not None and port != _PORTS[parts.scheme]:
        netloc += f":{port}"
    path = quote(parts.path or "/", safe=_SAFE, errors="replace")
    return urlunsplit((parts.scheme, netloc, path, quote(parts.query, safe=_SAFE, errors="replace"), ""))


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)


def host_key(url: str) -> str:
    """What the limiter counts by: the host, with its port where that is not the usual one."""
    _, host, port = origin(url)
    return host if port in _PORTS.values() else f"{host}:{port}"


def host_allowed(allowed: Iterable[str], host: str, port: int) -> bool:
    """Whether ``host``, ``host:port`` or an address with them is in the list."""
    for entry in allowed:
        name, wanted = _split_entry(entry)
        if name == host.lower() and wanted in (None, port):
            return True
    return False


def _split_entry(entry: str) -> tuple[str, int | None]:
    if "://" in entry:
        return origin(entry)[1].lower(), origin(entry)[2]
    parts = urlsplit(f"//{entry}")
    return (parts.hostname or "").lower(), parts.port


@dataclass(frozen=True, slots=True)
class Guard:
    """Resolves a name once and gives the addresses that may be connected to."""

    allow_hosts: tuple[str, ...] = ()
    """Private hosts that the platform file allows: host, host:port or an address."""
    contact: str = ""
    """Contact in the User-Agent; without it no foreign site is asked."""
    resolver: Resolver = field(default=socket.getaddrinfo)

    def addresses(self, host: str, port: int) -> list[tuple[Any, Any]]:
        """(family, socket address) pairs, all of them checked; Refused if one of them may not be asked."""
        try:
            found = self.resolver(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise Unreachable(f"{host}: 域名无法解析 the name cannot be resolved ({error})") from error
        allowed = host_allowed(self.allow_hosts, host, port)
        for _family, _type, _proto, _name, sockaddr in found:
            public = is_public(str(sockaddr[0]))
            if not public and not allowed:
                raise Refused(
                    f"{host}:{port}: 内网 is {sockaddr[0]}, a private address; if it is meant, write allow_hosts: "
                    f'["{host}:{port}"] in the platform file'
                )
            if public and not self.contact:
                raise Refused(
                    f"{host}: 请设 ADWATCH_CONTACT（联系方式），否则不访问外网"
                    " no foreign site is asked without a contact; set ADWATCH_CONTACT"
                )
        if not found:
            raise Unreachable(f"{host}: 域名没有地址 the name has no address")
        return [(entry[0], entry[4]) for entry in found]
