"""What the house fetches, and where it does not go: real listeners on the loopback address, and nobody calls them."""

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
import trustme
from django.test import SimpleTestCase

from newsroom import fetch
from newsroom.fetch import FetchError, Patience, Refused, Unreachable, is_public

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nTides"
HASTE = Patience(connect=1, read=0.3, total=0.6)

type Manner = Callable[[socket.socket], None]


def says(answer: bytes) -> Manner:
    return lambda line: line.sendall(answer)


def says_so(line: socket.socket) -> None:
    line.sendall(OK)


def heard(line: socket.socket) -> str:
    """The whole request: head and body may come one after the other."""
    asked = line.recv(65536)
    while asked and len(asked.partition(b"\r\n\r\n")[2]) < int(re.findall(rb"Content-Length: (\d+)|$", asked)[0] or 0):
        asked += line.recv(65536)
    return asked.decode()


def drips(line: socket.socket) -> None:
    """A byte now and then, for ever."""
    line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        line.sendall(b"x")
        time.sleep(0.05)


class Listener:
    """Answers whoever calls in its manner; remembers what was asked."""

    def __init__(self, manner: Manner, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self.manner, self.tls, self.calls, self.asked = manner, tls, 0, []
        self.names: list[str | None] = []
        self.door = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                line, _who = self.door.accept()
            except OSError:
                return
            self.calls += 1
            threading.Thread(target=self.answer, args=[line], daemon=True).start()

    def answer(self, line: socket.socket) -> None:
        try:
            with line:
                spoken = self.tls.wrap_socket(line, server_side=True) if self.tls else line
                with spoken:
                    self.asked.append(heard(spoken))
                    self.manner(spoken)
        except OSError:
            pass


@contextmanager
def listening(manner: Manner = says_so, **how) -> Iterator[Listener]:
    listener = Listener(manner, **how)
    try:
        yield listener
    finally:
        listener.door.shutdown(socket.SHUT_RDWR)
        listener.door.close()


def at(listener: Listener, host: str = "127.0.0.1") -> tuple[str, dict]:
    return f"http://{host}:{listener.port}/tides", {"allow": {f"{host}:{listener.port}"}, "patience": HASTE}


def leading(to: str, status: int = 302) -> Manner:
    return says(f"HTTP/1.1 {status} Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode())


class WhereItDoesNotGo(SimpleTestCase):
    def refused(self, url: str, **how) -> None:
        with pytest.raises(FetchError) as refusal:
            fetch.get(url, patience=HASTE, **how)
        assert isinstance(refusal.value, Refused), (url, refusal.value)
        assert str(refusal.value).endswith("."), url

    def test_no_way_of_writing_it_leads_inside(self):
        for host in ("127.0.0.1", "[::ffff:7f00:1]", "0x7f.1", "2130706433", "localhost", "127.1", "0177.0.0.1",
                     "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
                     "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "240.0.0.1",
                     "255.255.255.255", "[fe80::1]", "[fc00::1]", "[ff02::1]", "[2001:db8::1]", "[2001:0:1::1]",
                     "①②⑦.0.0.1", "127。0。0。1"):  # fmt: skip
            self.refused(f"http://{host}/")
            self.refused(f"https://{host}/")

    def test_nobody_inside_is_called_at_a_port_of_their_own(self):
        with listening() as listener:
            for host in ("127.0.0.1", "[::ffff:7f00:1]", "0x7f.1", "2130706433", "localhost"):
                self.refused(f"http://{host}:{listener.port}/")
            # Where the port is allowed for one name, another name of the same place is still looked at.
            for host in ("[::ffff:7f00:1]", "0x7f.1", "2130706433", "localhost"):
                self.refused(f"http://{host}:{listener.port}/", allow={f"127.0.0.1:{listener.port}"})
            assert listener.calls == 0

    def test_a_redirect_to_the_inside_is_not_followed(self):
        with listening() as inner:
            for target in (f"http://127.0.0.1:{inner.port}/", "http://127.0.0.1/", "http://[::1]/", "http://0x7f.1/",
                           "file:///etc/passwd", "gopher://127.0.0.1/", "//localhost/", "http://[", "ftp://a.example/",
                           "http://user@a.example/"):  # fmt: skip
                with listening(leading(target)) as outer:
                    url, how = at(outer)
                    self.refused(url, allow=how["allow"])
                    assert outer.calls == 1
            assert inner.calls == 0

    def test_only_the_web_is_fetched(self):
        for url in ("file:///etc/passwd", "gopher://a.example/", "ftp://a.example/", "http://a.example:5432/",
                    "//a.example/", "data:,x", "javascript:1", "", "http://", "http:///x", "http://a.example:99999/", "http://[::1",
                    "https://me:secret@a.example/", "http://@a.example/", "http://a.example/a b", "http://a.example\\@b/",
                    "http://a.example/\r\nX: y", "http://a.example/\0", "http://xn--\u00fc.example/"):  # fmt: skip
            self.refused(url)

    def test_what_is_nobody_s_public_machine(self):
        for address in ("8.8.8.8", "93.184.216.34", "2606:2800:220:1::1"):
            assert is_public(address), address
        for address in (
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::",
            "::8.8.8.8",
            "192.88.99.1",
            "fe80::1%1",
        ):
            assert not is_public(address), address


class WhatItFetches(SimpleTestCase):
    def test_an_answer_with_all_that_belongs_to_it(self):
        with listening() as listener:
            url, how = at(listener)
            answer = fetch.get(f"{url}/ü?a=ä#part", headers={"Accept": "text/html"}, **how)
            assert (answer.status, answer.body, answer.headers["content-type"]) == (200, b"Tides", "text/plain")
            first, *lines = listener.asked[0].split("\r\n")
            assert first == "GET /tides/%C3%BC?a=%C3%A4 HTTP/1.1"
            assert f"Host: 127.0.0.1:{listener.port}" in lines
            assert "Accept: text/html" in lines

    def test_the_name_is_looked_up_once_and_the_call_goes_to_what_was_found(self):
        asked, real = [], socket.getaddrinfo

        def recorded(host, *rest, **more):
            asked.append(host)
            return real(host, *rest, **more)

        socket.getaddrinfo = recorded
        try:
            with listening() as listener:
                url, how = at(listener, "localhost")
                assert fetch.get(url, **how).body == b"Tides"
                assert f"Host: localhost:{listener.port}" in listener.asked[0]
        finally:
            socket.getaddrinfo = real
        assert asked.count("localhost") == 1
        assert set(asked) <= {"localhost", "127.0.0.1", "::1"}

    def test_redirects_are_followed_five_times(self):
        with ExitStack() as street:
            end = street.enter_context(listening())
            target, allow = at(end)[0], set(at(end)[1]["allow"])
            for status in (301, 302, 303, 307, 308, 301):
                before = street.enter_context(listening(leading(target, status)))
                last, target = target, at(before)[0]
                allow |= at(before)[1]["allow"]
            assert fetch.get(last, allow=allow).url == at(end)[0]
            with pytest.raises(Refused, match="leads on and on"):
                fetch.get(target, allow=allow)
        with listening(lambda line: None) as ring:
            url, how = at(ring)
            ring.manner = leading(url)
            with pytest.raises(Refused, match="leads on and on"):
                fetch.get(url, **how)
            assert ring.calls == 6

    def test_what_is_told_is_told_once(self):
        with listening(leading("/elsewhere", 307)) as listener:
            url, how = at(listener)
            answer = fetch.post(url, b"hub.mode=publish", **how)
            assert answer.status == 307
            assert listener.calls == 1
            assert listener.asked[0].endswith("hub.mode=publish")
            assert "Content-Type: application/x-www-form-urlencoded" in listener.asked[0]

    def test_an_error_of_theirs_is_an_answer(self):
        with listening(says(b"HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n")) as listener:
            url, how = at(listener)
            assert fetch.get(url, **how).status == 503


class WhatHasAnEnd(SimpleTestCase):
    def unreachable(self, manner: Manner, sentence: str) -> float:
        began = time.monotonic()
        with listening(manner) as listener:
            url, how = at(listener)
            with pytest.raises(Unreachable, match=sentence):
                fetch.get(url, **how)
        return time.monotonic() - began

    def test_silence(self):
        assert self.unreachable(lambda line: time.sleep(2), "did not answer in time") < 1

    def test_a_drip(self):
        assert self.unreachable(drips, "did not answer in time") < 1.2

    def test_a_head_that_drips(self):
        def manner(line: socket.socket) -> None:
            line.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            while True:
                line.sendall(b"x")
                time.sleep(0.05)

        assert self.unreachable(manner, "did not answer in time") < 1.2

    def test_half_an_answer_nonsense_and_a_head_without_end(self):
        self.unreachable(says(OK[:-2]), "in the middle")
        self.unreachable(says(b"nonsense\r\n\r\n"), "could not be reached")
        self.unreachable(says(b""), "could not be reached")
        self.unreachable(says(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000), "could not be reached")

    def test_more_than_was_asked_for(self):
        flood = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_001
        for manner, is_too_much in ((says(flood), True), (says(flood[:-1]), False)):
            with listening(manner) as listener:
                url, how = at(listener)
                if is_too_much:
                    with pytest.raises(Refused, match="larger than 100000 bytes"):
                        fetch.get(url, most_bytes=100_000, **how)
                else:
                    assert len(fetch.get(url, most_bytes=100_000, **how).body) == 100_000

    def test_nobody_there(self):
        with listening() as listener:
            url, how = at(listener)
        with pytest.raises(Unreachable, match="could not be reached"):
            fetch.get(url, **how)
        with pytest.raises(Unreachable, match="Nobody knows where"):
            fetch.get("http://never.invalid/", patience=Patience(connect=5))


@pytest.fixture
def authority(tmp_path, monkeypatch) -> trustme.CA:
    """A certificate authority that this process trusts."""
    made = trustme.CA()
    made.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return made


def tls_for(authority: trustme.CA, name: str, names: list) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    context.sni_callback = lambda line, asked, _context: names.append(asked)
    return context


def test_a_certificate_has_to_be_the_name_s(authority):
    names: list = []
    with listening(tls=tls_for(authority, "localhost", names)) as listener:
        url, how = f"https://localhost:{listener.port}/", {"allow": {f"localhost:{listener.port}"}}
        assert fetch.get(url, **how).body == b"Tides"
        assert names == ["localhost"]
    with listening(tls=tls_for(authority, "other.example", names)) as listener:
        url, how = f"https://localhost:{listener.port}/", {"allow": {f"localhost:{listener.port}"}}
        with pytest.raises(Unreachable, match="certificate of localhost does not hold"):
            fetch.get(url, **how)
        assert listener.asked == []


def test_a_certificate_of_nobody_known_is_refused(tmp_path, monkeypatch):
    with listening(tls=tls_for(trustme.CA(), "localhost", [])) as listener:
        with pytest.raises(Unreachable, match="certificate of localhost does not hold"):
            fetch.get(f"https://localhost:{listener.port}/", allow={f"localhost:{listener.port}"})
        assert listener.asked == []
