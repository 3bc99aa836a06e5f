"""A short soak; `bench/soak` is the long one."""

from soak import Soak


def test_the_server_holds_no_more_after_a_load_than_before(context):
    soak = Soak(context.changing, context.changing_reference, clients=3, streams=60)
    try:
        clients = soak.run(seconds=8, interval=0.5, warm_up=4)
        assert sum(client.runs for client in clients)
        # Allocators keep what they once had; what leaks shows in the long one.
        soak.check(memory_mebibytes=24)
    finally:
        soak.close()
