import { type Command, InvalidArgumentError } from 'commander';
import { type AccountId, parseAccountId } from '@ringfence/kernel/ids';
import { accountTopicsOf } from '@ringfence/wire/topics';
import { kafkaOf } from '../kafka/kafka-cluster.js';
import type { Shell } from '../shell.js';

type Chosen = { readonly account: AccountId; readonly principal: string };

/** Loaded when it is needed: the client of Kafka is half of all that the command line would load. */
const accountGrants = () => import('@ringfence/messaging-kafka/account-grants');

const why = 'accounts have their own topics on Kafka';

export function topicsCommands(program: Command, shell: Shell): void {
  const topics = program
    .command('topics')
    .description('grant an account dedicated topics on Kafka, and revoke access to them');
  const about = (command: Command) =>
    command
      .requiredOption('--account <id>', 'whose topics', accountId)
      .requiredOption('--principal <principal>', 'who may use them, as Kafka knows it: User:name', principal);
  about(topics.command('grant').description('create the topics where they are missing, and let the principal use them'))
    .action((chosen: Chosen) => grant(chosen, shell)); // prettier-ignore
  topics
    .command('list')
    .description('the accounts that have dedicated topics, and who may use them')
    .action(() => list(shell));
  about(topics.command('revoke').description('end the principal’s access; the topics and their contents stay'))
    .action((chosen: Chosen) => revoke(chosen, shell)); // prettier-ignore
}

async function grant({ account, principal }: Chosen, shell: Shell): Promise<void> {
  const { connection, topics, replicationFactor } = await kafkaOf(shell, why);
  const { grantTopics, groupPrefixOf } = await accountGrants();
  await grantTopics(connection, { topics, account, principal, copies: replicationFactor });
  const own = accountTopicsOf(topics, account);
  const { terminal } = shell;
  if (terminal.json) {
    terminal.line(JSON.stringify({ account, principal, topics: own, group_prefix: groupPrefixOf(account) }));
    return;
  }
  terminal.line(`${principal} may write ${own.commands}`);
  terminal.line(`and read ${own.replies}`);
  terminal.line(`and read ${own.events}`);
  terminal.line(`in groups, and with client ids, that begin with ${groupPrefixOf(account)}`);
}

async function list(shell: Shell): Promise<void> {
  const { connection, topics } = await kafkaOf(shell, why);
  const { grantedTopics } = await accountGrants();
  const grants = await grantedTopics(connection, topics);
  const { terminal } = shell;
  if (terminal.json) for (const each of grants) terminal.line(JSON.stringify(each));
  else if (grants.length === 0) terminal.line('No account has topics of its own.');
  else
    terminal.table(
      ['account', 'principals'],
      grants.map(({ account, principals }) => [account, principals.join(', ')]),
    );
}

async function revoke({ account, principal }: Chosen, shell: Shell): Promise<void> {
  const { connection, topics } = await kafkaOf(shell, why);
  const { revokeTopics } = await accountGrants();
  const taken = await revokeTopics(connection, { topics, account, principal });
  const { terminal } = shell;
  if (terminal.json) terminal.line(JSON.stringify({ account, principal, revoked: taken > 0 }));
  else if (taken === 0) terminal.line(`${principal} had no access to topics of ${account}.`);
  else terminal.line(`${principal} can no longer use the topics of ${account}.`);
}

function accountId(text: string): AccountId {
  const id = parseAccountId(text);
  if (id === undefined) throw new InvalidArgumentError('An account id is wanted: acc_ and 26 characters.');
  return id;
}

function principal(text: string): string {
  if (!/^User:[^*\s][^\s]{0,199}$/.test(text))
    throw new InvalidArgumentError('A principal is wanted, such as User:name; never everybody.');
  return text;
}
