"""A name server for tests: real questions by UDP on 127.0.0.1, answered from a table."""

import base64
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


def key_pair(bits: int = 2048) -> tuple[str, str]:
    """The secret half as PEM, the public one as a DKIM record spells it."""
    secret = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    pem = secret.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    public = secret.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return pem, base64.b64encode(public).decode()


SECRET, KEY = key_pair()
# What a magazine that did everything right publishes.
GOOD = {
    ("magazine.test", "MX"): ["10 mx.magazine.test."],
    ("magazine.test", "TXT"): ['"v=spf1 include:spf.provider.test -all"'],
    ("spf.provider.test", "TXT"): ['"v=spf1 ip4:192.0.2.0/24 -all"'],
    ("_dmarc.magazine.test", "TXT"): ['"v=DMARC1; p=quarantine"'],
    ("post._domainkey.magazine.test", "TXT"): [f'"v=DKIM1; k=rsa; " "p={KEY[:200]}" "{KEY[200:]}"'],
}

type Table = Mapping[tuple[str, str], list[str]]


@contextmanager
def answering(table: Table, *, silent_about: str = "") -> Iterator[str]:
    """Gives what DNS_SERVERS needs. What stands in no row does not exist; of one name it may say nothing."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind(("127.0.0.1", 0))
    line.settimeout(0.1)
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            try:
                asked, whom = line.recvfrom(4096)
            except TimeoutError:
                continue
            question = dns.message.from_wire(asked)
            name = question.question[0].name.to_text(omit_final_dot=True).lower()
            if name != silent_about:
                line.sendto(answer(question, name, table).to_wire(), whom)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{line.getsockname()[1]}"
    finally:
        ended.set()
        thread.join(timeout=5)
        line.close()


def answer(question: dns.message.QueryMessage, name: str, table: Table) -> dns.message.Message:
    reply = dns.message.make_response(question)
    reply.flags |= dns.flags.RA
    kind = dns.rdatatype.to_text(question.question[0].rdtype)
    if records := table.get((name, kind)):
        reply.answer.append(dns.rrset.from_text_list(question.question[0].name, 60, "IN", kind, records))
    elif not any(known == name for known, _kind in table):
        reply.set_rcode(dns.rcode.NXDOMAIN)
    return reply
