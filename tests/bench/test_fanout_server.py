"""Our server of ``fanout``: whoever says who it is may listen to its own channel."""

from __future__ import annotations

from bench.fanout_server import endpoint

from cordboard.bayeux.messages import decode_batch
from cordboard.bayeux.session import Transport
from cordboard.bayeux.visits import Caller
from cordboard.server.config import Config, read


def test_a_client_hears_its_own_channel_only() -> None:
    config = read({}, {}, "none")
    assert isinstance(config, Config)
    cometd = endpoint(config)
    who = cometd.authenticate({"headers": [(b"host", b"x"), (b"x-client", b"7")]})
    assert who is not None
    assert cometd.authenticate({"headers": []}) is None

    def ask(message: bytes) -> bytes:
        batch = decode_batch(message, cometd.broker.limits)
        assert isinstance(batch, list)
        return b"".join(cometd.broker.receive(Caller(who.identity, Transport.LONG_POLLING), batch, 0.0).replies)

    ask(b'[{"channel":"/meta/handshake","version":"1.0","supportedConnectionTypes":["long-polling"]}]')
    client_id = next(iter(cometd.broker._sessions)).client_id.encode()
    for number, word in ((b"7", b"true"), (b"8", b"false")):
        text = b'[{"channel":"/meta/subscribe","clientId":"%b","subscription":"/client/%b"}]' % (client_id, number)
        assert b'"successful":%b' % word in ask(text)
    assert cometd.broker.is_heard("7", "/client/7")
