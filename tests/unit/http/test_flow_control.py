"""A client that takes nothing does not hold its connection, whether that is open or closing."""

import asyncio

from support.process.watching import runs

from hotreload.http.connection.flow_control import FlowControl

STALL = 0.02  # seconds


class Transport:
    """A transport whose client takes what the test says."""

    def __init__(self) -> None:
        self.waiting = 0
        self.closing = False
        self.aborted = asyncio.Event()
        self.reading: list[str] = []

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    def abort(self) -> None:
        self.aborted.set()

    def pause_reading(self) -> None:
        self.reading.append("pause")

    def resume_reading(self) -> None:
        self.reading.append("resume")


@runs
async def test_an_open_connection_is_cut_when_its_client_takes_nothing() -> None:
    transport = Transport()
    flow = FlowControl(transport, STALL)  # type: ignore[arg-type]
    transport.waiting = 1000
    flow.pause_writing()

    await transport.aborted.wait()


@runs
async def test_a_client_that_takes_most_of_the_last_answer_and_then_stalls_is_cut() -> None:
    transport = Transport()
    flow = FlowControl(transport, STALL)  # type: ignore[arg-type]
    transport.waiting = 1000
    flow.pause_writing()
    flow.close()
    transport.waiting = 10
    flow.resume_writing()

    await transport.aborted.wait()


@runs
async def test_a_client_that_takes_all_and_one_that_is_gone_have_no_timer() -> None:
    for end in ("resume_writing", "lost"):
        transport = Transport()
        flow = FlowControl(transport, STALL)  # type: ignore[arg-type]
        transport.waiting = 1000
        flow.pause_writing()
        getattr(flow, end)()
        await flow.drain()

        assert flow._write_timeout._timer is None


@runs
async def test_reading_is_paused_and_resumed_once() -> None:
    transport = Transport()
    flow = FlowControl(transport, STALL)  # type: ignore[arg-type]
    for act in (flow.resume_reading, flow.pause_reading, flow.pause_reading, flow.resume_reading):
        act()

    assert transport.reading == ["pause", "resume"]
