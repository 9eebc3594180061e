"""Every method of IP lists and SIP trunks of the public client, by either of its clients, with what became of it."""

from checks import named, page_of, raised, shown

CREDENTIAL = {"username": "office", "password": "open sesame 9"}
ADDRESSES = [{"address": "203.0.113.7/24", "description": "Both lines"}, {"address": "2001:DB8::0:7"}]


async def ip_lists(client):
    said = {}
    manager = client.sip.ip_acls
    created = await manager.create("Office", ADDRESSES)
    said["created"] = shown(created)
    said["retrieved"] = shown(await manager.retrieve(created.id))
    said["renamed"] = shown(await manager.update(created.id, name="Home"))
    said["replaced"] = shown(await manager.update(created.id, addresses=[{"address": "198.51.100.7"}]))
    others = [await manager.create(name, ADDRESSES) for name in ("Office B", "Branch", "office c")]
    said["listed"] = page_of(await manager.list())
    said["shape"] = shown((await manager.list(limit=1)).data[0])
    said["found"] = page_of(await manager.list(search="OFFICE"))
    first = await manager.list(limit=2)
    second = await manager.list(limit=2, cursor_after=first.next_cursor)
    back = await manager.list(limit=2, cursor_before=second.previous_cursor)
    said["pages"] = [page_of(page) for page in (first, second, back)]
    trunk = await client.sip.trunks.create("Line", "office.example.com", "IP", ip_acl_id=created.id)
    said["used"] = (await manager.retrieve(created.id)).trunk_count
    said["raised"] = {
        "unknown": named(await raised(manager.retrieve("acl_01K9Z000000000000000000000"))),
        "multicast": named(await raised(manager.create("Office", [{"address": "224.0.0.1"}]))),
        "nothing": named(await raised(manager.update(created.id))),
        "in_use": named(await raised(manager.delete(created.id))),
    }
    await client.sip.trunks.delete(trunk.id)
    said["deleted"] = [shown(await manager.delete(each.id)) for each in (created, *others)]
    said["gone"] = page_of(await manager.list())
    return said


async def trunks(client):
    said = {}
    manager = client.sip.trunks
    secret = await client.secrets.create("Signs")
    created = await manager.create("Office", "office.example.com", "credential", auth_credential=CREDENTIAL)
    said["created"] = shown(created)
    whole = await manager.create(
        "Night line",
        "night.example.com",
        "IP",
        channel_limit=5,
        recording=True,
        transport="tcp",
        webhook_url="https://example.com/webhooks",
        auth_addresses=[{"name": "Old line", "address": "203.0.113.7"}, {"address": "::ffff:203.0.113.8"}],
        inbound_route={"name": "Exchange", "sip_url": "sip:pbx.example.com", "sip_user": "100"},
        secret_id=secret.id,
        webhook_api_version="2025-08-01",
    )
    said["whole"] = shown(whole)
    said["retrieved"] = shown(await manager.retrieve(whole.id))
    said["secret"] = shown(await client.secrets.retrieve(secret.id))
    listed = await client.sip.ip_acls.create("Office", ADDRESSES)
    said["updated"] = shown(
        await manager.update(
            created.id,
            name="Line",
            channel_limit=7,
            recording=True,
            transport="tcp",
            is_active=False,
            webhook_url="https://example.com/webhooks/2",
            webhook_api_version="2025-08-01",
            authentication_type="IP",
            ip_acl_id=listed.id,
            inbound_route={"name": "Exchange", "sip_url": "sips:pbx.example.com:5061"},
            secret_id=secret.id,
        )
    )
    said["listed"] = page_of(await manager.list())
    said["found"] = page_of(await manager.list(search="night"))
    said["inactive"] = page_of(await manager.list(status=["inactive"]))
    said["either"] = page_of(await manager.list(status=["active", "inactive"], limit=1))
    said["raised"] = {
        "unknown": named(await raised(manager.retrieve("st_01K9Z000000000000000000000"))),
        "short": named(
            await raised(
                manager.create("Line", "x", "credential", auth_credential={"username": "office", "password": "short"})
            )
        ),
        "loopback": named(await raised(manager.create("Line", "x", "IP", auth_addresses=[{"address": "127.0.0.1"}]))),
        "no_list": named(await raised(manager.create("Line", "x", "IP", ip_acl_id="acl_01K9Z000000000000000000000"))),
        "udp": named(await raised(manager.update(whole.id, transport="udp"))),
        "secret_in_use": named(await raised(client.secrets.delete(secret.id))),
    }
    said["deleted"] = [shown(await manager.delete(each.id)) for each in (created, whole)]
    said["gone"] = page_of(await manager.list())
    for freed in (client.secrets.delete(secret.id), client.sip.ip_acls.delete(listed.id)):
        await freed
    return said
