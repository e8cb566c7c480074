"""What the domain name system says. The one door to it; `DNS_SERVERS` names the servers that are asked."""

import ipaddress
from dataclasses import dataclass, field

import dns.exception
import dns.flags
import dns.nameserver
import dns.resolver
from django.conf import settings
from django.utils.translation import gettext as _

# For one question, all servers and repetitions together.
PATIENCE = 4.0
# RFC 2606 and RFC 6761: nobody will ever find them in the DNS.
FOR_EXAMPLES = ("example", "test", "invalid", "localhost", "example.com", "example.net", "example.org")


class Unanswered(Exception):
    """Nobody said whether there is such a record. Says why, in a sentence."""


@dataclass
class Names:
    """Remembers what it was told: a look at a sender asks for some names more than once."""

    servers: list[str] = field(default_factory=lambda: list(settings.DNS_SERVERS))
    _known: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def texts(self, name: str) -> list[str]:
        """The TXT records at that name, each as one text; none if there are none. Raises Unanswered."""
        return self._records(name, "TXT")

    def takes_mail(self, name: str) -> bool:
        """Whether answers to that domain can arrive: MX, or an address; not where it says that it takes none."""
        exchangers = self._records(name, "MX")
        if exchangers:
            return any(exchanger.rpartition(" ")[2] != "." for exchanger in exchangers)
        return bool(self._records(name, "A") or self._records(name, "AAAA"))

    def _records(self, name: str, kind: str) -> list[str]:
        if (name, kind) not in self._known:
            self._known[name, kind] = self._ask(name, kind)
        return self._known[name, kind]

    def _ask(self, name: str, kind: str) -> list[str]:
        if not self.servers and is_for_examples(name):
            sentence = _("%(name)s is a name for examples, which the DNS does not know: use a domain of your own.")
            raise Unanswered(sentence % {"name": name})
        try:
            answer = self._resolver().resolve(name, kind, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, UnicodeError) as silence:
            sentence = _("The DNS did not say what it knows of %(name)s (%(reason)s): try again in a while.")
            raise Unanswered(sentence % {"name": name, "reason": _reason(silence)}) from silence
        if kind == "TXT":
            return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]
        return [record.to_text() for record in answer]

    def _resolver(self) -> dns.resolver.Resolver:
        try:
            resolver = dns.resolver.Resolver(configure=not self.servers)
        except dns.resolver.NoResolverConfiguration as nobody:
            raise Unanswered(_("This machine knows no name server: set DNS_SERVERS.")) from nobody
        if self.servers:
            resolver.nameservers = [_server(text) for text in self.servers]
        resolver.lifetime, resolver.timeout = PATIENCE, PATIENCE / 2
        return resolver


def is_for_examples(name: str) -> bool:
    return any(f".{name.rstrip('.').lower()}".endswith(f".{kept}") for kept in FOR_EXAMPLES)


def _server(text: str) -> dns.nameserver.Nameserver:
    """`192.0.2.1`, `192.0.2.1:5353` or `2001:db8::1`."""
    try:
        return dns.nameserver.Do53Nameserver(str(ipaddress.ip_address(text)), 53)
    except ValueError:
        host, _colon, port = text.rpartition(":")
        return dns.nameserver.Do53Nameserver(host.strip("[]"), int(port))


def _reason(silence: Exception) -> str:
    if isinstance(silence, dns.resolver.LifetimeTimeout):
        return _("no answer in time")
    return " ".join(str(silence).split())[:200] or type(silence).__name__
