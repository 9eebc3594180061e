"""The events of a call with a status callback, on either client. Nobody listens at the callback: 410 or a failure follows."""

import asyncio

from checks import named, raised, shown

CALL = {"from_number": "+15005550100", "to_number": "+15005550006", "flow_url": "https://example.com/flow"}
# The port "discard", on which nothing answers.
CALLBACK = "http://127.0.0.1:9/status"


async def events(client):
    call = await client.voice.calls.create(**CALL, status_callback_url=CALLBACK)
    page = await client.events.list(call_id=call.id)
    for _ in range(100):
        if page.data and page.data[-1].attempt_count:
            break
        await asyncio.sleep(0.1)
        page = await client.events.list(call_id=call.id)
    first = page.data[-1]
    retrieved = await client.events.retrieve(first.id)
    kept = {name: value for name, value in shown(retrieved).items() if name not in ("payload",)}
    return {
        "call": call.id,
        "first": kept,
        "payload": retrieved.payload,
        "types": [each.type for each in page.data],
        "pending": len((await client.events.list(call_id=call.id, delivery_status="pending", type="call.initiated")).data),
        "delivered": len((await client.events.list(call_id=call.id, delivery_status="delivered")).data),
        "later": len((await client.events.list(call_id=call.id, occurred_after="2100-01-01T00:00:00Z")).data),
        "raised": {
            "pending": named(await raised(client.events.redeliver(first.id))),
            "unknown": named(await raised(client.events.retrieve("evt_01K9Z000000000000000000000"))),
            "type": named(await raised(client.events.list(type="call.none"))),
        },
    }
