import asyncio
import gc
import socket

from tests.kit.shutting import shut


def test_who_is_taken_in_on_the_same_turn_is_served_and_nobody_afterwards() -> None:
    """A socket that is lost is a ResourceWarning, which is an error here."""

    async def story() -> list[bytes]:
        served: list[bytes] = []
        done = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            served.append(await reader.read(1))
            writer.close()
            await writer.wait_closed()
            done.set()

        loop = asyncio.get_running_loop()
        listener = socket.create_server(("127.0.0.1", 0))
        server = await asyncio.start_server(serve, sock=listener)
        address = listener.getsockname()
        with socket.create_connection(address) as caller:
            caller.sendall(b"x")
            # The kernel has the connection: the next turn takes it in, and the one after that begins with this call.
            loop.call_soon(loop.call_soon, shut, server)
            await asyncio.wait_for(done.wait(), 5)
        assert not server.is_serving()
        return served

    assert asyncio.run(story()) == [b"x"]
    gc.collect()
