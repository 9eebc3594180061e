import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { IpListChanged, IpListCreated } from '@ringfence/domain/trunks/ip-list.events';
import { type AccountId, type IpListId, parseIpListId } from '@ringfence/kernel/ids';
import { FindIpList } from '@ringfence/read-models/trunks/trunks.handlers';
import type { IpListRow, IpListRowWithAddresses } from '@ringfence/read-models/trunks/ip-lists.queries';
import type { FastifyRequest } from 'fastify';
import { callerOf, ownerFor } from '../edge/access.js';
import { PersonalValues, ReadGate } from '../edge/reading.js';
import { edgeProblem } from '../problem.js';
import { ipListBody, ipListBodyWithAddresses } from './ip-list-body.js';
import { openAddresses } from './trunk-addresses.js';

/** Finds IP lists that the caller may see, and renders them. */
@Injectable()
export class IpListReader {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(PersonalValues) private readonly personal: PersonalValues,
    @Inject(ReadGate) private readonly gate: ReadGate,
  ) {}

  /** @throws HttpProblem `not_found`, also for a list of another account or of the other mode; as `ReadGate.wait` */
  async read(request: FastifyRequest, idText: string, minPosition: string | null | undefined): Promise<object> {
    const owner = ownerFor(callerOf(request));
    const ipListId = parseIpListId(idText);
    const find = async (): Promise<IpListRowWithAddresses | undefined> =>
      ipListId && (await this.queries.execute(new FindIpList(ipListId, owner)));
    const row = await this.gate.read(request, minPosition, ['trunks'], find);
    if (row === undefined) throw edgeProblem('not_found', 'there is no such IP list');
    return this.#withAddresses(row);
  }

  /** The body of a list after a command. @throws as `ReadGate.wait`; Failure `vault_unavailable` (retryable) */
  async decided(request: FastifyRequest, event: IpListCreated | IpListChanged, accountId: AccountId): Promise<object> {
    const { ipListId, settings, createdAtMs } = event;
    const isChanged = event.type === 'IpListChanged';
    return this.#withAddresses({
      ...event,
      ...settings,
      accountId,
      addressCount: settings.addresses.length,
      trunkCount: isChanged ? await this.#trunkCount(request, ipListId) : 0,
      updatedAtMs: isChanged ? event.changedAtMs : createdAtMs,
    });
  }

  /** The trunks that use a list now. */
  async #trunkCount(request: FastifyRequest, ipListId: IpListId): Promise<number> {
    await this.gate.wait(request, null, ['trunks']);
    const row = await this.queries.execute(new FindIpList(ipListId, null));
    return row?.trunkCount ?? 0;
  }

  /** Bodies without addresses. @throws Failure `vault_unavailable` (retryable) */
  async bodies(rows: readonly IpListRow[]): Promise<readonly object[]> {
    const opened = await this.personal.open(rows, ['name']);
    return rows.map((row, at) => ipListBody({ ...row, name: opened[at]?.values.name ?? null }));
  }

  async #withAddresses(list: Omit<IpListRowWithAddresses, 'createdPosition'>): Promise<object> {
    const entries = list.addresses.map(({ address, description }) => ({ address, name: description }));
    const [[named], [addresses = []]] = await Promise.all([
      this.personal.open([list], ['name']),
      openAddresses(this.personal, [entries]),
    ]);
    return ipListBodyWithAddresses({ ...list, name: named?.values.name ?? null }, addresses);
  }
}
