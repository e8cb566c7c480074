"""A mail server of its own process that misbehaves by seed, and keeps a ledger on disk: a line before each 250.

python -m tests.newsletter.chaos_sink LEDGER '{"seed": 1, "later": 0.1}'    prints its port
"""

import asyncio
import hashlib
import json
import os
import re
import sys
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Mischief:
    """The share of copies that each befalls. All but `later` strike a recipient once, at the first try."""

    seed: int = 1
    later: float = 0.0  # 421, 450 or 451, at each try anew
    refused: float = 0.0  # 552, each time
    unknown: float = 0.0  # 550 5.1.1, each time
    hang: float = 0.0  # says nothing after RCPT
    cut: float = 0.0  # breaks off inside DATA
    lost: float = 0.0  # takes the letter, and breaks off before 250
    hang_seconds: float = 120.0
    delay: float = 0.0  # for each letter
    dead_domain: str = ""  # 421 for all of it
    tries: Counter[str] = field(default_factory=Counter)

    def lot(self, what: str, recipient: str, number: int = 0) -> float:
        drawn = hashlib.sha256(f"{self.seed}|{what}|{recipient}|{number}".encode()).digest()
        return int.from_bytes(drawn[:6]) / 2**48

    def strikes(self, what: str, recipient: str) -> bool:
        """Once: at the first try."""
        return self.tries[recipient] == 1 and self.lot(what, recipient) < getattr(self, what)

    def at_recipient(self, recipient: str) -> str:
        self.tries[recipient] += 1
        number = self.tries[recipient]
        if self.dead_domain and recipient.endswith(f"@{self.dead_domain}"):
            return "421 4.4.2 Come back another day"
        if self.lot("unknown", recipient) < self.unknown:
            return "550 5.1.1 No such user"
        if self.lot("later", recipient, number) < self.later:
            return ("421 4.3.2 Busy", "451 4.3.0 Local error", "450 4.2.1 Mailbox locked")[number % 3]
        return "250 2.1.5 Ok"


class Conversation:
    def __init__(self, mischief: Mischief, ledger: int) -> None:
        self.mischief, self.ledger = mischief, ledger

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self.converse(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.transport.abort()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 chaos.example\r\n")
        recipient = ""
        while line := (await reader.readline()).decode():
            verb = line[:4].upper().strip()
            if verb == "EHLO":
                writer.write(b"250-chaos.example\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES\r\n")
            elif verb == "RCPT":
                [address] = re.findall(r"<(.*?)>", line)
                answer = self.mischief.at_recipient(address)
                recipient = address if answer.startswith("250") else ""
                if recipient and self.mischief.strikes("hang", recipient):
                    await asyncio.sleep(self.mischief.hang_seconds)
                    return
                writer.write(f"{answer}\r\n".encode())
            elif verb == "DATA" and not recipient:
                writer.write(b"503 5.5.1 Nobody to take it for\r\n")
            elif verb == "DATA":
                writer.write(b"354 Go on\r\n")
                if not await self.take(recipient, reader, writer):
                    return
                recipient = ""
            elif verb == "QUIT":
                writer.write(b"221 2.0.0 Bye\r\n")
                await writer.drain()
                return
            else:
                writer.write(b"250 2.0.0 Ok\r\n")
            await writer.drain()

    async def take(self, recipient: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if self.mischief.strikes("cut", recipient):
            await reader.readline()
            return False
        letter = await reader.readuntil(b"\r\n.\r\n")
        if self.mischief.delay:
            await asyncio.sleep(self.mischief.delay)
        if self.mischief.lot("refused", recipient) < self.mischief.refused:
            writer.write(b"552 5.3.4 Too large\r\n")
            return True
        [message_id] = re.findall(rb"^Message-ID: (\S+)", letter, re.MULTILINE)
        fingerprint = hashlib.sha256(letter).hexdigest()
        os.write(self.ledger, f"{recipient} {message_id.decode()} {fingerprint}\n".encode())
        if self.mischief.strikes("lost", recipient):
            return False
        writer.write(b"250 2.0.0 Ok: taken\r\n")
        return True


async def serve(path: str, mischief: Mischief) -> None:
    ledger = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    server = await asyncio.start_server(Conversation(mischief, ledger), "127.0.0.1", 0, limit=1_000_000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], Mischief(**json.loads(sys.argv[2]))))
