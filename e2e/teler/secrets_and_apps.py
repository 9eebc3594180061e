"""Every method of secrets and voice apps of the public client, by either of its clients, with what became of it."""

from checks import named, page_of, raised, shown

FLOW, WEBHOOKS = "https://example.com/flow", "https://example.com/webhooks"


async def secrets(client):
    said = {}
    manager = client.secrets
    created = await manager.create("Orders")
    said["created"] = shown(created)
    said["retrieved"] = shown(await manager.retrieve(created.id))
    said["renamed"] = shown(await manager.update(created.id, name="Billing"))
    said["rotated"] = shown(await manager.update(created.id, rotate=True))
    others = [await manager.create(name) for name in ("Orders B", "Shipping", "orders c")]
    said["listed"] = page_of(await manager.list())
    said["found"] = page_of(await manager.list(search="ORDERS"))
    first = await manager.list(limit=2)
    second = await manager.list(limit=2, cursor_after=first.next_cursor)
    back = await manager.list(limit=2, cursor_before=second.previous_cursor)
    said["pages"] = [page_of(page) for page in (first, second, back)]
    said["deleted"] = [shown(await manager.delete(each.id)) for each in others]
    said["raised"] = {
        "unknown": named(await raised(manager.retrieve("sec_01K9Z000000000000000000000"))),
        "deleted": named(await raised(manager.delete(others[0].id))),
        "no_name": named(await raised(manager.create(""))),
        "nothing": named(await raised(manager.update(created.id))),
    }
    await manager.delete(created.id)
    return said


async def apps(client):
    said = {}
    manager = client.voice.apps
    secret = await client.secrets.create("Signs")
    created = await manager.create("Front desk", FLOW, WEBHOOKS)
    said["created"] = shown(created)
    whole = await manager.create(
        "Night desk",
        FLOW,
        WEBHOOKS,
        fallback_url="https://example.com/fallback",
        secret_id=secret.id,
        webhook_api_version="2025-08-01",
        channel_limit=5,
    )
    said["whole"] = shown(whole)
    said["retrieved"] = shown(await manager.retrieve(whole.id))
    said["used"] = shown(await client.secrets.retrieve(secret.id))
    said["updated"] = shown(
        await manager.update(
            created.id,
            name="Desk",
            flow_url=FLOW + "/2",
            webhook_url=WEBHOOKS + "/2",
            fallback_url="https://example.com/f",
            status="inactive",
            channel_limit=7,
            secret_id=secret.id,
            webhook_api_version="2025-08-01",
        )
    )
    said["listed"] = page_of(await manager.list())
    said["found"] = page_of(await manager.list(search="night"))
    said["inactive"] = page_of(await manager.list(status=["inactive"]))
    said["either"] = page_of(await manager.list(status=["active", "inactive"], limit=1))
    said["raised"] = {
        "unknown": named(await raised(manager.retrieve("va_01K9Z000000000000000000000"))),
        "wrong_url": named(await raised(manager.create("Desk", "ftp://example.com", WEBHOOKS))),
        "no_numbers": named(await raised(manager.create("Desk", FLOW, WEBHOOKS, vn_ids=["vn_01K9Z000000000000000000000"]))),
        "no_secret": named(await raised(manager.update(created.id, secret_id="sec_01K9Z000000000000000000000"))),
        "secret_in_use": named(await raised(client.secrets.delete(secret.id))),
    }
    said["deleted"] = [shown(await manager.delete(each.id)) for each in (created, whole)]
    said["gone"] = page_of(await manager.list())
    said["freed"] = shown(await client.secrets.delete(secret.id))
    return said
