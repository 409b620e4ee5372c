"""A client that costs little, HTTP/1.1 over kept connections: it measures the service and not itself."""

import asyncio
import json
import time
from types import TracebackType
from typing import Any, NamedTuple


class Answer(NamedTuple):
    """Status, seconds from the first byte sent to the last byte read, and `Retry-After` where it stood."""

    status: int
    seconds: float
    retry_after: str | None


class Client:
    """Posts JSON; opens a connection where none is free, `most` at once."""

    def __init__(self, host: str, port: int, token: str, *, most: int = 64) -> None:
        self._host, self._port, self._token = host, port, token
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._room = asyncio.Semaphore(most)

    async def __aenter__(self) -> "Client":
        """Open nothing yet."""
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Close what is open."""
        for _reader, writer in self._free:
            writer.close()

    async def post(self, path: str, value: Any) -> Answer:
        """Post `value`; waiting for a free connection counts, as it would for a caller."""
        began = time.perf_counter()
        body = json.dumps(value, ensure_ascii=False).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n"
            f"Authorization: Bearer {self._token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        async with self._room:
            while True:
                kept = bool(self._free)
                reader, writer = await self._connection()
                try:
                    writer.write(head.encode() + body)
                    status, headers = await _read(reader)
                    break
                except (ConnectionError, asyncio.IncompleteReadError):
                    writer.close()
                    if not kept:
                        return Answer(0, time.perf_counter() - began, None)
            if headers.get("connection") == "close":
                writer.close()
            else:
                self._free.append((reader, writer))
        return Answer(status, time.perf_counter() - began, headers.get("retry-after"))

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return self._free.pop() if self._free else await asyncio.open_connection(self._host, self._port)


async def _read(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip().lower()
    if headers.get("transfer-encoding") == "chunked":
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    else:
        await reader.readexactly(int(headers.get("content-length", 0)))
    return int(lines[0].split()[1]), headers
