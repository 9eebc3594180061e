"""What e2e/src/teler-resources.e2e.ts has the public client do: python resources.py BASE_URL API_KEY. Prints one JSON object.

A resource joins with a function of the client in a file beside this one, and a line in `scripts`.
"""

import asyncio
import json
import sys

from checks import with_either
from events import events
from secrets_and_apps import apps, secrets
from sip import ip_lists, trunks
from virtual_numbers import numbers

scripts = {"secrets": secrets, "apps": apps, "ip_lists": ip_lists, "trunks": trunks, "numbers": numbers, "events": events}


async def main():
    said = {}
    for name, script in scripts.items():
        said[name] = await with_either(sys.argv[1], sys.argv[2], script)
    print(json.dumps(said))


asyncio.run(main())
