"""What the scripts of each resource share: what they print, and one face for the synchronous and the asynchronous client."""

import inspect

from teler import AsyncClient, Client, exceptions


def shown(resource):
    return {name: value for name, value in vars(resource).items() if name != "raw"}


def page_of(page):
    return {"names": [each.name for each in page.data], "next": page.next_cursor is not None, "more": page.has_more}


async def raised(act):
    try:
        await act
    except exceptions.TelerException as error:
        return error
    return None


def named(error):
    details = getattr(error, "details", None)
    return [type(error).__name__, getattr(error, "code", None), details[0]["loc"] if details else None]


class Awaited:
    """The synchronous client under the face of the asynchronous one: every call is awaited and answers at once."""

    def __init__(self, inner):
        self._inner = inner

    def __getattr__(self, name):
        member = getattr(self._inner, name)
        if not inspect.ismethod(member):
            return Awaited(member)

        async def call(*given, **named_arguments):
            return member(*given, **named_arguments)

        return call


async def with_either(base_url, api_key, script):
    """What a script says with the synchronous client, and with the asynchronous one."""
    with Client(api_key=api_key, base_url=base_url) as client:
        by_sync = await script(Awaited(client))
    async with AsyncClient(api_key=api_key, base_url=base_url) as client:
        return {"sync": by_sync, "async": await script(client)}
