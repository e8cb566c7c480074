"""What lies between a browser and the house, and can be cut: nothing passes, nobody is refused, and what was under way
arrives once it is mended, as it does with TCP.
"""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Network:
    def __init__(self, port: int) -> None:
        self.house = port
        self.loop = asyncio.new_event_loop()
        self.passing = asyncio.Event()
        self.is_ready = threading.Event()

    async def _connect(self, browser: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        answers, house = await asyncio.open_connection("127.0.0.1", self.house)
        await asyncio.gather(self._carry(browser, house), self._carry(answers, back))

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while found := await source.read(65_536):
                await self.passing.wait()
                target.write(found)
                await target.drain()
        await self.passing.wait()
        target.close()

    def cut(self) -> None:
        self.loop.call_soon_threadsafe(self.passing.clear)

    def mend(self) -> None:
        self.loop.call_soon_threadsafe(self.passing.set)

    def run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.passing.set()
        self.server = self.loop.run_until_complete(asyncio.start_server(self._connect, "127.0.0.1", 0))
        self.is_ready.set()
        self.loop.run_forever()
        under_way = asyncio.all_tasks(self.loop)
        for task in under_way:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*under_way, return_exceptions=True))
        self.loop.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"


@contextmanager
def network_before(port: int) -> Iterator[Network]:
    network = Network(port)
    thread = threading.Thread(target=network.run, daemon=True)
    thread.start()
    assert network.is_ready.wait(timeout=10)
    try:
        yield network
    finally:
        network.loop.call_soon_threadsafe(network.loop.stop)
        thread.join(timeout=10)
