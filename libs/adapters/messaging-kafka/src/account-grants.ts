import {
  AclOperations,
  AclPermissionTypes,
  type Admin,
  ResourcePatternTypes,
  ResourceTypes,
} from '@platformatic/kafka';
import { busFailures } from '@ringfence/ports/message-bus/failures';
import type { AccountId } from '@ringfence/kernel/ids';
import { accountsWithTopics, accountTopicsOf, accountTopicSpecs, type Topics } from '@ringfence/wire/topics';
import { Failure } from '@ringfence/kernel/failure';
import { hasErrorCode } from './broker-errors.js';
import type { KafkaConnection } from './kafka-connection.js';
import { asAdmin, ensureTopics } from './topic-admin.js';

/** Principals that may use an account's dedicated topics, as Kafka names them: `User:name`. */
type AccountGrant = { readonly account: AccountId; readonly principals: readonly string[] };

type Acl = Parameters<Admin['createAcls']>[0]['creations'][number];
type AclFilter = Parameters<Admin['describeAcls']>[0]['filter'];

const everywhere = '*';

/** Returns the prefix of an account's consumer groups and client ids. */
export function groupPrefixOf(account: AccountId): string {
  return `${account}.`;
}

/**
 * Creates the missing topics of an account, and permits a principal to use them: write commands, read replies and
 * events, and join groups whose names begin with the account's id. Existing grants are left as they are.
 * @throws Failure `topic_settings_wrong`, `grants_refused`, `bus_unavailable` (retryable)
 */
export async function grantTopics(
  connection: KafkaConnection,
  {
    topics,
    account,
    principal,
    copies,
  }: { readonly topics: Topics; readonly account: AccountId; readonly principal: string; readonly copies: number },
): Promise<void> {
  await mapAdminErrors(async () => {
    await ensureTopics(connection, accountTopicSpecs(accountTopicsOf(topics, account), copies));
    await asAdmin(connection, (admin) => admin.createAcls({ creations: aclsOf(topics, account, principal) }));
  });
}

/**
 * Revokes the grants of a principal. The topics and their records stay.
 * @returns the number of grants that were revoked
 */
export async function revokeTopics(
  connection: KafkaConnection,
  { topics, account, principal }: { readonly topics: Topics; readonly account: AccountId; readonly principal: string },
): Promise<number> {
  return mapAdminErrors(async () => {
    const filters: AclFilter[] = aclsOf(topics, account, principal);
    return (await asAdmin(connection, (admin) => admin.deleteAcls({ filters }))).length;
  });
}

/** Lists the accounts that have dedicated topics, and the principals that may use them. */
export async function grantedTopics(connection: KafkaConnection, topics: Topics): Promise<readonly AccountGrant[]> {
  return mapAdminErrors(() =>
    asAdmin(connection, async (admin) => {
      const accounts = accountsWithTopics(topics, await admin.listTopics());
      const resources = await admin.describeAcls({ filter: anyTopicAcl });
      return accounts.map((account) => {
        const wanted = new Set<string>(Object.values(accountTopicsOf(topics, account)));
        const acls = resources.filter(({ resourceName }) => wanted.has(resourceName)).flatMap((each) => each.acls);
        return { account, principals: [...new Set(acls.map(({ principal }) => principal))].sort() };
      });
    }),
  );
}

const anyTopicAcl: AclFilter = {
  resourceType: ResourceTypes.TOPIC,
  resourceName: null,
  resourcePatternType: ResourcePatternTypes.PREFIXED,
  principal: null,
  host: null,
  operation: AclOperations.ANY,
  permissionType: AclPermissionTypes.ALLOW,
};

/**
 * Builds the ACLs, by prefix: no id is a prefix of another one, and an account may later have more topics. Read and
 * write include describe.
 */
function aclsOf(topics: Topics, account: AccountId, principal: string): Acl[] {
  const own = accountTopicsOf(topics, account);
  const allow = (resourceType: Acl['resourceType'], resourceName: string, operation: Acl['operation']): Acl => ({
    resourceType,
    resourceName,
    resourcePatternType: ResourcePatternTypes.PREFIXED,
    principal,
    host: everywhere,
    operation,
    permissionType: AclPermissionTypes.ALLOW,
  });
  return [
    allow(ResourceTypes.TOPIC, own.commands, AclOperations.WRITE),
    allow(ResourceTypes.TOPIC, own.replies, AclOperations.READ),
    allow(ResourceTypes.TOPIC, own.events, AclOperations.READ),
    allow(ResourceTypes.GROUP, groupPrefixOf(account), AclOperations.READ),
  ];
}

async function mapAdminErrors<Answer>(question: () => Promise<Answer>): Promise<Answer> {
  try {
    return await question();
  } catch (failure) {
    if (failure instanceof Failure) throw failure;
    throw refusalIn(failure) ?? busFailures.bus_unavailable(failure);
  }
}

const refusals: Readonly<Record<string, string>> = {
  SECURITY_DISABLED: 'this Kafka has no authorizer: everybody may do everything there, and nothing can be granted',
  CLUSTER_AUTHORIZATION_FAILED: 'who we are to this Kafka may not change its ACLs',
  TOPIC_AUTHORIZATION_FAILED: 'who we are to this Kafka may not make these topics',
};

function refusalIn(failure: unknown): Failure | undefined {
  const [, why] = Object.entries(refusals).find(([apiId]) => hasErrorCode(failure, apiId)) ?? [];
  return why === undefined
    ? undefined
    : new Failure('grants_refused', `Nothing was granted or taken back: ${why}.`, false);
}
