"""What e2e/src/teler-client.e2e.ts has the public client do: python teler-client.py BASE_URL API_KEY. Prints one JSON object."""

import asyncio
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

from teler import AsyncClient, CallFlow, Client, exceptions

base_url, api_key = sys.argv[1:3]
requests = []


class Flow(BaseHTTPRequestHandler):
    """The application's flow, as the client builds it."""

    def do_POST(self):
        requests.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        reply = json.dumps(CallFlow.stream("wss://agent.example.com/media")).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_):
        pass


flows = HTTPServer(("127.0.0.1", 0), Flow)
threading.Thread(target=flows.serve_forever, daemon=True).start()
FLOW = f"http://127.0.0.1:{flows.server_port}/flow"
STATUS, CALLER = "http://127.0.0.1:9/status", "+15005550100"
said = {}


def fields(resource):
    return {name: value for name, value in vars(resource).items() if name != "raw"}


def until(call_id, states, seconds=20):
    deadline = time.monotonic() + seconds
    while True:
        call = client.voice.calls.retrieve(call_id)
        if call.state in states or time.monotonic() > deadline:
            return call
        time.sleep(0.02)


def first_number(seconds=20):
    """The account has its number a moment after the first start."""
    deadline = time.monotonic() + seconds
    while not (found := client.virtual_numbers.list().data) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found[0]


async def asynchronously(call_id, leg_id):
    async with AsyncClient(api_key=api_key, base_url=base_url) as client:
        mutations = client.voice.mutations
        return [
            fields(await mutations.mute(call_id, leg_id, False)),
            fields(await mutations.dtmf(call_id, "0")),
            fields(await mutations.play(call_id, "https://media.example.com/notice.mp3")),
        ]


def raised(act):
    try:
        act()
    except exceptions.TelerException as error:
        return error
    return None


def named(error):
    return [type(error).__name__, getattr(error, "code", None)]


with Client(api_key=api_key, base_url=base_url) as client:
    calls = client.voice.calls
    created = calls.create(CALLER, "+15005550000", FLOW, STATUS)
    said["created"] = fields(created)
    said["finished"] = fields(until(created.id, {"completed", "failed"}))
    said["legs"] = [fields(leg) for leg in calls.list_legs(created.id).data]

    for to_number in ("+15005550003", "+15005550001", "+15005550002", "+15005550005"):
        until(calls.create(CALLER, to_number, FLOW, STATUS, record=False).id, {"failed"})
    pages, seen, cursor = [], set(), None
    while True:
        page = calls.list(limit=2, cursor_after=cursor)
        pages.append(len(page.data))
        seen |= {call.id for call in page.data}
        if not page.has_more:
            break
        cursor, last = page.next_cursor, page
    back = calls.list(limit=2, cursor_before=page.previous_cursor)
    said["pages"] = {"forwards": pages, "back": len(back.data), "distinct": len(seen)}
    said["busy"] = [call.to_number for call in calls.list(state="failed", to_number="+15005550003").data]

    live = calls.create(CALLER, "+15005551001", FLOW, STATUS)
    until(live.id, {"answered"})
    leg = calls.list_legs(live.id).data[0]
    mutations = client.voice.mutations
    sent = [mutations.dtmf(live.id, "12#", leg_id=leg.id, duration_ms=80, idempotency_key="digits") for _ in range(2)]
    said["mutations"] = {
        "mute": [fields(mutations.mute(live.id, leg.id, on)) for on in (True, False)],
        "dtmf": [fields(answer) for answer in sent],
        "play": fields(mutations.play(live.id, "https://media.example.com/notice.mp3", loop=2, on_dtmf="stop")),
        "asynchronous": asyncio.run(asynchronously(live.id, leg.id)),
        "other_leg": named(raised(lambda: mutations.mute(live.id, "cl_01K9Z000000000000000000000", True))),
    }
    first = client.voice.mutations.hangup(live.id, reason="done", idempotency_key="once")
    again = client.voice.mutations.hangup(live.id, reason="done", idempotency_key="once")
    over = until(live.id, {"completed"})
    said["hangup"] = {**fields(first), "again": fields(first) == fields(again), "state": over.state, "reason": over.reason}

    numbers = client.virtual_numbers
    own = first_number()
    renamed = numbers.update(own.id, name="Support line")
    said["numbers"] = {
        "own": fields(own),
        "renamed": fields(renamed),
        "found": [[number.id for number in numbers.list(**by).data] for by in (
            {"search": "SUPPORT"},
            {"search": "0100", "location": ["US", "DE"]},
            {"location": ["DE"]},
            {"search": "nothing"},
        )],
    }

    stranger = Client(api_key="rf_test_" + "0" * 36, base_url=base_url)
    wrong = raised(lambda: calls.create(CALLER, "0123", FLOW, STATUS))
    said["raised"] = {
        "wrong_key": named(raised(lambda: stranger.voice.calls.list())),
        "unknown_call": named(raised(lambda: calls.retrieve("cs_01K9Z000000000000000000000"))),
        "wrong_number": named(wrong),
        "unknown_number": named(raised(lambda: numbers.update("vn_01K9Z000000000000000000000", name="x"))),
        "call_over": named(raised(lambda: client.voice.mutations.hangup(live.id))),
        "costly": named(raised(lambda: calls.create(CALLER, "+8816000000001", FLOW, STATUS))),
    }
    said["wrong_number_details"] = wrong.details
    stranger.close()

said["flow_requests"] = requests
print(json.dumps(said))
