import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { SipTrunkChanged, SipTrunkCreated } from '@ringfence/domain/trunks/sip-trunk.events';
import { type AccountId, type IpListId, parseSipTrunkId } from '@ringfence/kernel/ids';
import { CountAssignedNumbers } from '@ringfence/read-models/numbers/number.handlers';
import { FindIpListNames, FindSipTrunk } from '@ringfence/read-models/trunks/trunks.handlers';
import type { SipTrunkRow } from '@ringfence/read-models/trunks/sip-trunks.queries';
import type { FastifyRequest } from 'fastify';
import { callerOf, ownerFor } from '../edge/access.js';
import { PersonalValues, ReadGate } from '../edge/reading.js';
import { edgeProblem } from '../problem.js';
import { SecretNames } from '../webhooks/secret-names.js';
import { personalValuesOf, type ShownTrunk, trunkBody, trunkPersonalValues } from './sip-trunk-body.js';
import { openAddresses } from './trunk-addresses.js';

/** The read models that a trunk is shown from: the others have the names of secrets, and the numbers. */
export const trunkReadModels = ['trunks', 'webhook_secrets', 'numbers'] as const;

/** Finds SIP trunks that the caller may see, and renders them. */
@Injectable()
export class SipTrunkReader {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(PersonalValues) private readonly personal: PersonalValues,
    @Inject(ReadGate) private readonly gate: ReadGate,
    @Inject(SecretNames) private readonly secretNames: SecretNames,
  ) {}

  /** @throws HttpProblem `not_found`, also for a trunk of another account or of the other mode; as `ReadGate.wait` */
  async read(request: FastifyRequest, idText: string, minPosition: string | null | undefined): Promise<object> {
    const owner = ownerFor(callerOf(request));
    const trunkId = parseSipTrunkId(idText);
    const find = async (): Promise<SipTrunkRow | undefined> =>
      trunkId && (await this.queries.execute(new FindSipTrunk(trunkId, owner)));
    const row = await this.gate.read(request, minPosition, trunkReadModels, find);
    if (row === undefined) throw edgeProblem('not_found', 'there is no such SIP trunk');
    const [body = {}] = await this.bodies([row]);
    return body;
  }

  /** The body of a trunk after a command. @throws as `ReadGate.wait`, `bodies` */
  async decided(
    request: FastifyRequest,
    event: SipTrunkCreated | SipTrunkChanged,
    accountId: AccountId,
  ): Promise<object> {
    const shown = shownTrunk(event, accountId);
    // Its secret or IP list may have been created a moment ago.
    const needed = { trunks: shown.ipListId, webhook_secrets: shown.secretId, numbers: shown.trunkId };
    const models = trunkReadModels.filter((name) => needed[name] !== null);
    await this.gate.wait(request, null, models);
    const [body = {}] = await this.bodies([shown]);
    return body;
  }

  /** @throws Failure `vault_unavailable`, `database_unavailable` (retryable) */
  async bodies(trunks: readonly ShownTrunk[]): Promise<readonly object[]> {
    const [opened, addresses, secretNames, ipListNames, numbers] = await Promise.all([
      this.personal.open(trunks.map(personalValuesOf), trunkPersonalValues),
      openAddresses(
        this.personal,
        trunks.map((trunk) => trunk.addresses),
      ),
      this.secretNames.of(trunks),
      this.#ipListNames(trunks),
      this.queries.execute(new CountAssignedNumbers(trunks.map(({ trunkId }) => trunkId))),
    ]);
    return trunks.map((trunk, at) =>
      trunkBody(trunk, {
        opened: opened[at],
        addresses: addresses[at] ?? [],
        secretName: secretNames.get(trunk.secretId) ?? null,
        numberCount: numbers.get(trunk.trunkId) ?? 0,
        ipListName: ipListNames.get(trunk.ipListId) ?? null,
      }),
    );
  }

  async #ipListNames(trunks: readonly ShownTrunk[]): Promise<ReadonlyMap<IpListId | null, string | null>> {
    const ids = new Set(trunks.flatMap(({ ipListId }) => (ipListId === null ? [] : [ipListId])));
    const found = ids.size === 0 ? [] : await this.queries.execute(new FindIpListNames([...ids]));
    const opened = await this.personal.open(found, ['name']);
    return new Map(found.map(({ ipListId }, at) => [ipListId, opened[at]?.values.name ?? null]));
  }
}

function shownTrunk(event: SipTrunkCreated | SipTrunkChanged, accountId: AccountId): ShownTrunk {
  const { trunkId, mode, createdAtMs, settings } = event;
  const { authentication, ...others } = settings;
  return {
    ...others,
    trunkId,
    accountId,
    mode,
    authentication: authentication.kind,
    username: authentication.kind === 'credential' ? authentication.username : null,
    addresses: authentication.kind === 'addresses' ? authentication.addresses : [],
    ipListId: authentication.kind === 'ip_list' ? authentication.ipListId : null,
    createdAtMs,
    updatedAtMs: event.type === 'SipTrunkChanged' ? event.changedAtMs : createdAtMs,
  };
}
