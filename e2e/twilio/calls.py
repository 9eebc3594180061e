"""What e2e/src/twilio-clients.e2e.ts has the stock client of PyPI do: python calls.py URL ACCOUNT_SID API_KEY APPLICATION_SID.

Prints one JSON object. Only the base URL and the credentials are those of no program written for Twilio.
"""

import json
import sys
import time

from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

url, account_sid, api_key, application_sid = sys.argv[1:]
FROM = "+15005550100"


def client_with(username, password, account=None):
    client = Client(username, password, account)
    client.api.base_url = url
    return client


def shown(call):
    names = ("sid", "account_sid", "status", "direction", "to", "from_", "duration", "price", "price_unit", "api_version")
    dates = ("date_created", "start_time", "end_time")
    return {
        **{name: getattr(call, name if name != "from_" else "_from") for name in names},
        **{name: getattr(call, name) and getattr(call, name).isoformat() for name in dates},
    }


def raised(act):
    try:
        act()
    except TwilioRestException as error:
        return [error.status, error.code]
    except TwilioException as error:  # of a page, with the answer
        return [error.args[1].status_code, json.loads(error.args[1].text)["code"]]
    return None


def until(call, is_reached):
    for _ in range(300):
        fetched = call.fetch()
        if is_reached(fetched):
            return fetched
        time.sleep(0.1)
    raise TimeoutError(call.sid)


client = client_with(account_sid, api_key)
said = {}


def create(to, **more):
    return client.calls.create(to=to, from_=FROM, application_sid=application_sid, **more)


created = create("+15005550000")
said["created"] = shown(created)
said["completed"] = shown(until(created, lambda call: call.status == "completed"))
said["busy"] = shown(until(create("+15005550003"), lambda call: call.end_time is not None))
talking = create("+15005551000")
said["talking"] = until(talking, lambda call: call.status == "in-progress").status
said["too_late"] = raised(lambda: talking.update(status="canceled"))
said["ended"] = talking.update(status="completed").sid
said["ended_as"] = shown(until(talking, lambda call: call.end_time is not None))["status"]
said["ended_again"] = raised(lambda: talking.update(status="completed"))
ringing = create("+15005550006")
said["canceled"] = ringing.update(status="canceled").sid == ringing.sid
said["canceled_as"] = until(ringing, lambda call: call.end_time is not None).status
said["listed"] = [call.sid for call in client.calls.list(page_size=2)]
said["all"] = [ringing.sid, talking.sid, said["busy"]["sid"], created.sid]
said["first_two"] = [call.sid for call in client.calls.list(limit=2)]
said["of_status"] = {status: len(client.calls.list(status=status)) for status in ("completed", "busy", "canceled", "queued")}
said["to"] = [call.sid for call in client.calls.list(to="+15005550003")]
said["today"] = len(client.calls.list(start_time_after=created.start_time))
said["before"] = len(client.calls.list(start_time_before=created.start_time.replace(year=2020)))
page = client.calls.page(page_size=3)
said["pages"] = [[call.sid for call in page], [call.sid for call in page.next_page()]]
said["refused"] = {
    "url": raised(lambda: client.calls.create(to="+15005550000", from_=FROM, url="https://example.com/twiml")),
    "twiml": raised(lambda: client.calls.create(to="+15005550000", from_=FROM, twiml="<Response/>")),
    "to": raised(lambda: create("client:alice")),
    "from": raised(
        lambda: client.calls.create(to="+15005550000", from_="+15005550199", application_sid=application_sid)
    ),
    "record": raised(lambda: create("+15005550000", record=True)),
    "unknown": raised(lambda: client.calls("CA" + "0" * 32).fetch()),
    "delete": raised(lambda: client.calls(created.sid).delete()),
    "page_size": raised(lambda: next(client.calls.stream(page_size=1001), None)),
    "key": raised(lambda: client_with(account_sid, "rf_test_wrong").calls.list(limit=1)),
    "account": raised(lambda: client_with("AC" + "0" * 32, api_key).calls.list(limit=1)),
}
print(json.dumps(said))
