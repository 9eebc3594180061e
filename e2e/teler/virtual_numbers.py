"""Every method of virtual numbers of the public client, by either of its clients, with what became of it."""

from checks import named, raised, shown
from secrets_and_apps import FLOW, WEBHOOKS
from sip import CREDENTIAL


async def numbers(client):
    said = {}
    manager = client.virtual_numbers
    listed = await manager.list()
    number = listed.data[0]
    said["listed"] = [shown(each) for each in listed.data]
    said["renamed"] = shown(await manager.update(number.id, name="Support line"))
    app = await client.voice.apps.create("Front desk", FLOW, WEBHOOKS, vn_ids=[number.id])
    said["app"] = app.vn_count
    said["of_app"] = [shown(each) for each in (await client.voice.apps.list_virtual_numbers(app.id)).data]
    trunk = await client.sip.trunks.create("Office", "x.example.com", "credential", auth_credential=CREDENTIAL)
    said["moved"] = shown(await manager.assign(apply_to_all=True, sip_trunk_id=trunk.id, voice_app=[app.id]))
    said["of_trunk"] = [shown(each) for each in (await client.sip.trunks.list_virtual_numbers(trunk.id, limit=1)).data]
    said["left"] = (await client.voice.apps.retrieve(app.id)).vn_count
    said["filtered"] = [
        len((await manager.list(**by)).data)
        for by in ({"voice_app": [app.id]}, {"sip_trunk": [trunk.id]}, {"search": "SUPPORT"}, {"location": ["DE"]})
    ]
    said["raised"] = {
        "unknown": named(await raised(manager.assign(vn_ids=["vn_01K9Z000000000000000000000"], voice_app_id=app.id))),
        "nothing": named(await raised(manager.unassign(apply_to_all=True, voice_app=[app.id]))),
        "search": named(await raised(manager.unassign(apply_to_all=True, search="Support"))),
        "in_use": named(await raised(client.sip.trunks.delete(trunk.id))),
    }
    said["assigned"] = shown(await manager.assign(vn_ids=[number.id], voice_app_id=app.id))
    said["app_in_use"] = named(await raised(client.voice.apps.delete(app.id)))
    said["unassigned"] = shown(await manager.unassign(vn_ids=[number.id]))
    said["deleted"] = [shown(await client.voice.apps.delete(app.id)), shown(await client.sip.trunks.delete(trunk.id))]
    return said
