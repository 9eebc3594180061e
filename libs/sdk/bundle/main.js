// libs/kernel/src/failure.ts
var Failure = class extends Error {
  constructor(code, message, retryable, options) {
    super(message, options);
    this.code = code;
    this.retryable = retryable;
  }
  code;
  retryable;
  name = "Failure";
};

// libs/sdk/src/client.ts
import { randomBytes as randomBytes2, randomUUID as randomUUID2 } from "node:crypto";

// libs/kernel/src/ids.ts
var platformStream = "platform";
var ulidPattern = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
function idParser(prefix2) {
  const head = `${prefix2}_`;
  return (text3) => text3.startsWith(head) && ulidPattern.test(text3.slice(head.length)) ? text3 : void 0;
}
var parseAccountId = idParser("acc");
var parseKeyId = idParser("key");
var parseCallId = idParser("cs");
var parseLegId = idParser("cl");
var parseEventId = idParser("evt");
var parseSubjectId = idParser("sub");
var parseLogId = idParser("log");
function parseStreamId(text3) {
  return text3 === platformStream ? platformStream : parseAccountId(text3);
}

// libs/messaging/src/topics.ts
var accountTopicPartitions = 1;
function accountTopicsOf(topics, account) {
  return {
    commands: `${topics.commands}.${account}`,
    replies: `${topics.replies}.${account}`,
    events: `${topics.events}.${account}`
  };
}
var hourMs = 36e5;
var dayMs = 24 * hourMs;
var commandsKeptMs = 7 * dayMs;
var eventsKeptMs = 30 * dayMs;
var deadLettersKeptMs = 90 * dayMs;

// libs/adapters/messaging-kafka/src/kafka-message-bus.ts
import { randomUUID } from "node:crypto";
import { Consumer as Consumer2, ListOffsetTimestamps } from "@platformatic/kafka";

// libs/messaging/src/failures.ts
var busFailures = {
  bus_unavailable: (cause) => new Failure("bus_unavailable", "The message bus cannot be reached.", true, { cause }),
  bus_closed: () => new Failure("bus_closed", "The message bus has been closed.", false),
  bus_overloaded: () => new Failure("bus_overloaded", "Too much waits to be published already; try again in a moment.", true),
  message_too_large: (topic, bytes, bytesMax) => new Failure(
    "message_too_large",
    `A message for ${topic} has ${String(bytes)} bytes; ${String(bytesMax)} are allowed. Nothing was published.`,
    false
  ),
  topic_settings_wrong: (complaints) => new Failure("topic_settings_wrong", `Topics are not as they must be: ${complaints.join("; ")}.`, false)
};

// libs/adapters/messaging-kafka/src/coalescing-producer.ts
import { compatibilityPartitioner, ProduceAcks, Producer } from "@platformatic/kafka";

// libs/messaging/src/message.ts
var messageBytesMax = 9e5;
var messageOverheadBytes = 64;
function bytesOf({ key, headers, value }) {
  let bytes = messageOverheadBytes + key.length + value.length;
  for (const [name, text3] of Object.entries(headers)) bytes += name.length + Buffer.byteLength(text3) + 2;
  return bytes;
}

// libs/adapters/messaging-kafka/src/kafka-connection.ts
var requestTimeoutMs = 5e3;
var retryDelayMs = 250;
var questionRetriesMax = 60;
function clientOptions({ brokers, clientId, sasl, tls, retriesMax }) {
  return {
    clientId,
    bootstrapBrokers: [...brokers],
    retries: retriesMax ?? true,
    retryDelay: retryDelayMs,
    timeout: requestTimeoutMs,
    autocreateTopics: false,
    strict: false,
    ...sasl === void 0 ? {} : { sasl },
    ...tls === void 0 ? {} : { tls }
  };
}

// libs/adapters/messaging-kafka/src/coalescing-producer.ts
var sendBytesMax = messageBytesMax;
var waitingBytesMax = 32e6;
var CoalescingProducer = class {
  #producer;
  #waiting = [];
  #waitingBytes = 0;
  #sending;
  #closed = false;
  constructor(connection) {
    this.#producer = new Producer({
      ...clientOptions(connection),
      idempotent: true,
      acks: ProduceAcks.ALL,
      partitioner: (_message, key) => compatibilityPartitioner(_message, key),
      serializers: {
        key: (key) => Buffer.from(key ?? ""),
        value: (value) => value,
        headerKey: (name) => Buffer.from(name ?? ""),
        headerValue: (text3) => Buffer.from(text3 ?? "")
      }
    });
  }
  /** Settles when all of them are acknowledged; in the order of the calls. */
  publish(messages) {
    if (this.#closed) return Promise.reject(busFailures.bus_closed());
    let bytes = 0;
    for (const message of messages) {
      const own = bytesOf(message);
      if (own > messageBytesMax) {
        return Promise.reject(busFailures.message_too_large(message.topic, own, messageBytesMax));
      }
      bytes += own;
    }
    if (messages.length === 0) return Promise.resolve();
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes > waitingBytesMax) {
      return Promise.reject(busFailures.bus_overloaded());
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ messages, bytes, resolve, reject });
      this.#waitingBytes += bytes;
      this.#sending ??= this.#sendAll();
    });
  }
  /** What waits is refused; what is in flight is given up on. */
  async close() {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(busFailures.bus_closed());
    await this.#producer.close(true);
    await this.#sending;
  }
  async #sendAll() {
    await new Promise((resolve) => setImmediate(resolve));
    for (let batch = this.#takeBatch(); batch.length > 0; batch = this.#takeBatch()) {
      try {
        await this.#send(batch.flatMap(({ messages }) => messages));
        for (const { resolve } of batch) resolve();
      } catch (cause) {
        for (const { reject } of batch)
          reject(this.#closed ? busFailures.bus_closed() : busFailures.bus_unavailable(cause));
      }
    }
    this.#sending = void 0;
  }
  #takeBatch() {
    const batch = [];
    let bytes = 0;
    for (let next = this.#waiting[0]; next !== void 0; next = this.#waiting[0]) {
      if (batch.length > 0 && bytes + next.bytes > sendBytesMax) break;
      this.#waiting.shift();
      this.#waitingBytes -= next.bytes;
      bytes += next.bytes;
      batch.push(next);
    }
    return batch;
  }
  /** One call may ask for more than one send carries: then its sends follow each other. */
  async #send(messages) {
    for (let from = 0; from < messages.length; ) {
      let bytes = 0;
      let end = from;
      for (; end < messages.length; end += 1) {
        const next = messages[end];
        if (next === void 0 || end > from && bytes + bytesOf(next) > sendBytesMax) break;
        bytes += bytesOf(next);
      }
      const part = messages.slice(from, end);
      await this.#producer.send({
        messages: part.map(({ topic, key, partition, headers, value }) => ({
          topic,
          key,
          headers,
          value: Buffer.from(value.buffer, value.byteOffset, value.byteLength),
          ...partition === void 0 ? {} : { partition }
        }))
      });
      from = end;
    }
  }
};

// libs/adapters/messaging-kafka/src/group-reader.ts
import { setTimeout as sleep } from "node:timers/promises";
import { Base, Consumer } from "@platformatic/kafka";

// libs/application/src/lane/system-timers.ts
var delayMsMax = 2147483647;
var systemTimers = {
  monotonicMs: () => performance.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, Math.min(delayMsMax, Math.max(0, Math.ceil(delayMs))));
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
  soon(action) {
    setImmediate(action);
  }
};

// libs/kernel/src/timers.ts
function pause(timers, delayMs, signal) {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const end = () => {
      cancel();
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const cancel = timers.after(delayMs, end);
    signal?.addEventListener("abort", end, { once: true });
  });
}

// libs/messaging/src/partition-intake.ts
var intakeMessagesMax = 2e3;
var batchMessagesMax = 500;
var retryAfterMs = 200;
var PartitionIntake = class {
  constructor(partition, from, parts) {
    this.partition = partition;
    this.parts = parts;
    this.#next = from;
  }
  partition;
  parts;
  #stopping = new AbortController();
  #waiting = [];
  #next;
  #missed = false;
  #running;
  /** The first offset that has not been taken in. */
  get next() {
    return this.#next;
  }
  /** Takes a message in its turn; one that came before is dropped, one after a message that found no place too. */
  offer(message) {
    if (message.offset < this.#next || this.#missed || this.#stopping.signal.aborted) return;
    if (this.#waiting.length >= intakeMessagesMax) {
      this.#missed = true;
      return;
    }
    this.#waiting.push(message);
    this.#next = message.offset + 1n;
    this.#running ??= this.#run();
  }
  /** A reader begins anew at `next`: nothing is missed any more. */
  reading() {
    this.#missed = false;
  }
  /** Drops what waits; settles when the batch under way has. */
  async stop() {
    this.#stopping.abort();
    this.#waiting.length = 0;
    await this.#running;
  }
  async #run() {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, batchMessagesMax);
      await this.#handle(batch);
      this.#waiting.splice(0, batch.length);
      if (this.#missed && this.#waiting.length === 0 && !this.#stopping.signal.aborted) this.parts.onRoom();
    }
    this.#running = void 0;
  }
  async #handle(batch) {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.parts.onMessages(this.partition, batch);
        return;
      } catch (failure) {
        this.parts.onTrouble(failure);
        await pause(this.parts.timers, retryAfterMs, signal);
      }
    }
  }
};

// libs/adapters/messaging-kafka/src/group-reader.ts
var sessionMs = 6e3;
var heartbeatMs = 1500;
var fetchWaitMsMax = 250;
var GroupReader = class {
  /** @param only these partitions alone, for the one member of a group of its own; null: what the group leaves to this member */
  constructor(connection, joining, ranges, only = null) {
    this.joining = joining;
    this.ranges = ranges;
    this.only = only;
    this.#consumer = new Consumer({
      ...clientOptions(connection),
      groupId: joining.group,
      autocommit: false,
      sessionTimeout: sessionMs,
      rebalanceTimeout: sessionMs,
      heartbeatInterval: heartbeatMs,
      protocols: [{ name: "cooperative-sticky", version: 3 }],
      maxWaitTime: fetchWaitMsMax,
      deserializers: {
        key: (key) => key?.toString("latin1") ?? "",
        value: (value) => value ?? Buffer.alloc(0),
        headerKey: (name) => name?.toString() ?? "",
        headerValue: (text3) => text3?.toString() ?? ""
      }
    });
  }
  joining;
  ranges;
  only;
  #consumer;
  #intakes = /* @__PURE__ */ new Map();
  #leaving = new AbortController();
  #reading;
  /** Changes come one after the other. */
  #changing = Promise.resolve();
  #restartAsked = false;
  async leave() {
    this.#leaving.abort();
    await this.#changing;
    await this.#stopReading();
    await this.#revoke([...this.#intakes.keys()]);
    try {
      await this.#consumer.close(true);
    } catch (failure) {
      this.joining.onTrouble(failure);
      await Base.prototype.close.call(this.#consumer);
    }
  }
  /** Settles when the group has let us in, or we have left before it did. */
  async join() {
    const consumer = this.#consumer;
    consumer.topics.track(this.joining.topic);
    consumer.on("consumer:group:join", () => {
      this.#narrow();
      this.#change(() => this.#settle());
    });
    consumer.on("error", this.joining.onTrouble);
    while (!this.#leaving.signal.aborted) {
      try {
        await consumer.joinGroup();
        return;
      } catch (failure) {
        this.joining.onTrouble(failure);
        await this.#pause();
      }
    }
  }
  /** A group of one is given every partition, whatever assigner it has; what it fetches is what stands here. */
  #narrow() {
    const { only } = this;
    if (only === null || !this.#consumer.assignments) return;
    this.#consumer.assignments = this.#consumer.assignments.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.filter((partition) => only.includes(partition))
    }));
  }
  /** Brings what we read in line with what the group says is ours. */
  async #settle() {
    const { topic } = this.joining;
    const ours = new Set(this.#consumer.assignments?.find((assignment) => assignment.topic === topic)?.partitions);
    const lost = [...this.#intakes.keys()].filter((partition) => !ours.has(partition));
    const gained = [...ours].filter((partition) => !this.#intakes.has(partition));
    if (lost.length === 0 && gained.length === 0 && this.#reading !== void 0) return;
    await this.#stopReading();
    await this.#revoke(lost);
    if (gained.length > 0) await this.#begin(gained);
    await this.#startReading();
  }
  async #begin(gained) {
    const { topic, onAssigned, onMessages, onTrouble } = this.joining;
    const onRoom = () => {
      this.#restart();
    };
    const ranges = await this.#untilDone(() => this.ranges(topic));
    const starts = await this.#untilDone(() => onAssigned(gained));
    if (starts === void 0 || ranges === void 0) return;
    for (const partition of gained) {
      const from = offsetOf(starts.get(partition) ?? "first", ranges[partition]);
      this.#intakes.set(
        partition,
        new PartitionIntake(partition, from, { timers: systemTimers, onMessages, onTrouble, onRoom })
      );
    }
  }
  async #revoke(lost) {
    if (lost.length === 0) return;
    const intakes = lost.flatMap((partition) => this.#intakes.get(partition) ?? []);
    for (const partition of lost) this.#intakes.delete(partition);
    await Promise.all(intakes.map((intake) => intake.stop()));
    await this.joining.onRevoked(lost).catch(this.joining.onTrouble);
  }
  async #startReading() {
    const { topic } = this.joining;
    if (this.#intakes.size === 0 || this.#leaving.signal.aborted) return;
    for (const intake of this.#intakes.values()) intake.reading();
    const offsets = [...this.#intakes].map(([partition, intake]) => ({ topic, partition, offset: intake.next }));
    const stream = await this.#untilDone(() => this.#consumer.consume({ topics: [topic], mode: "manual", offsets }));
    if (stream !== void 0) this.#reading = { stream, ended: this.#pump(stream) };
  }
  async #pump(stream) {
    const { topic } = this.joining;
    try {
      for await (const { partition, offset, key, value, headers } of stream) {
        this.#intakes.get(partition)?.offer({ topic, partition, offset, key, value, headers: Object.fromEntries(headers) });
      }
    } catch (failure) {
      this.joining.onTrouble(failure);
      await this.#pause();
      this.#restart();
    }
  }
  async #stopReading() {
    const reading = this.#reading;
    this.#reading = void 0;
    if (reading === void 0) return;
    await reading.stream.close().catch(this.joining.onTrouble);
    await reading.ended;
  }
  /** Reads anew from where each partition stands; what is asked for twice is done once. */
  #restart() {
    if (this.#restartAsked) return;
    this.#restartAsked = true;
    this.#change(async () => {
      this.#restartAsked = false;
      await this.#stopReading();
      await this.#startReading();
    });
  }
  #change(work) {
    this.#changing = this.#changing.then(async () => {
      if (!this.#leaving.signal.aborted) await work();
    });
    this.#changing = this.#changing.catch(this.joining.onTrouble);
  }
  async #untilDone(work) {
    while (!this.#leaving.signal.aborted) {
      try {
        return await work();
      } catch (failure) {
        this.joining.onTrouble(failure);
        await this.#pause();
      }
    }
    return void 0;
  }
  #pause() {
    return sleep(retryAfterMs, void 0, { signal: this.#leaving.signal }).catch(() => void 0);
  }
};
function offsetOf(start, range) {
  const { first = 0n, next = 0n } = range ?? {};
  if (start === "first") return first;
  if (start === "next") return next;
  return start < first ? first : start;
}

// libs/adapters/messaging-kafka/src/topic-admin.ts
import { Admin, ConfigResourceTypes } from "@platformatic/kafka";

// libs/adapters/messaging-kafka/src/broker-words.ts
function says(failure, apiId) {
  if (typeof failure !== "object" || failure === null) return false;
  if ("apiId" in failure && failure.apiId === apiId) return true;
  if ("errors" in failure && Array.isArray(failure.errors) && failure.errors.some((one) => says(one, apiId)))
    return true;
  return "cause" in failure && says(failure.cause, apiId);
}

// libs/adapters/messaging-kafka/src/topic-admin.ts
var inSyncMin = "min.insync.replicas";
var retentionMs = "retention.ms";
var retentionBytes = "retention.bytes";
var cleanup = "cleanup.policy";
var unlimited = "-1";
async function ensureTopics(connection, specs) {
  await asAdmin(connection, async (admin) => {
    const known = new Set(await admin.listTopics());
    for (const spec of specs) if (!known.has(spec.name)) await create(admin, spec);
    const complaints = await complaintsAbout(admin, specs);
    if (complaints.length > 0) throw busFailures.topic_settings_wrong(complaints);
  });
}
async function topicNames(connection) {
  return asAdmin(connection, (admin) => admin.listTopics());
}
async function asAdmin(connection, question) {
  const admin = new Admin({ ...clientOptions(connection), retries: questionRetriesMax });
  try {
    return await question(admin);
  } finally {
    await admin.close();
  }
}
async function create(admin, { name, partitions, replicas, retention }) {
  const configs = [
    { name: inSyncMin, value: String(replicas.inSyncMin) },
    { name: cleanup, value: "delete" },
    { name: retentionBytes, value: unlimited },
    { name: retentionMs, value: retention.kind === "forever" ? unlimited : String(retention.ms) }
  ];
  try {
    await admin.createTopics({ topics: [name], partitions, replicas: replicas.copies, configs });
  } catch (failure) {
    if (!says(failure, "TOPIC_ALREADY_EXISTS")) throw failure;
  }
}
async function complaintsAbout(admin, specs) {
  const names = specs.map(({ name }) => name);
  const { topics } = await admin.metadata({ topics: names, forceUpdate: true });
  const configurationKeys = [inSyncMin, retentionMs, retentionBytes, cleanup];
  const described = await admin.describeConfigs({
    resources: names.map((resourceName) => ({
      resourceType: ConfigResourceTypes.TOPIC,
      resourceName,
      configurationKeys
    }))
  });
  return specs.flatMap((spec) => {
    const partitions = topics.get(spec.name)?.partitions ?? [];
    const configs = described.find(({ resourceName }) => resourceName === spec.name)?.configs ?? [];
    const settings = new Map(configs.map(({ name, value }) => [name, value ?? ""]));
    return [
      ...shapeComplaints(spec, partitions.length, partitions[0]?.replicas.length ?? 0),
      ...settingComplaints(spec, settings)
    ];
  });
}
function shapeComplaints({ name, partitions, replicas }, found, copies) {
  const complaints = [];
  if (found !== partitions) {
    const cure = found < partitions ? "add partitions before anything is written to it" : "a topic cannot lose partitions: make it anew";
    complaints.push(`${name} has ${String(found)} partitions, it needs ${String(partitions)} (${cure})`);
  }
  if (copies < replicas.copies) {
    complaints.push(
      `${name} has ${String(copies)} replicas, it needs ${String(replicas.copies)} (reassign its partitions)`
    );
  }
  return complaints;
}
function settingComplaints({ name, replicas, retention }, settings) {
  const complaints = [];
  const complain = (setting, wanted) => {
    complaints.push(`${name} has ${setting}=${settings.get(setting) ?? "nothing"}, set ${setting}=${wanted}`);
  };
  if (Number(settings.get(inSyncMin)) < replicas.inSyncMin) complain(inSyncMin, String(replicas.inSyncMin));
  if (settings.get(cleanup) !== "delete") complain(cleanup, "delete");
  if (settings.get(retentionBytes) !== unlimited) complain(retentionBytes, unlimited);
  const kept = Number(settings.get(retentionMs));
  if (retention.kind === "forever" && kept !== -1) complain(retentionMs, unlimited);
  if (retention.kind === "at_least" && kept !== -1 && kept < retention.ms) complain(retentionMs, String(retention.ms));
  return complaints;
}

// libs/adapters/messaging-kafka/src/kafka-message-bus.ts
var KafkaMessageBus = class {
  constructor(connection) {
    this.connection = connection;
    this.#producer = new CoalescingProducer(connection);
    this.#offsets = new Consumer2({
      ...clientOptions(connection),
      retries: questionRetriesMax,
      groupId: `${connection.clientId}.offsets`
    });
  }
  connection;
  #producer;
  /** Asks for offsets; member of no group. */
  #offsets;
  #readers = /* @__PURE__ */ new Set();
  #closed = false;
  async ensureTopics(specs) {
    await this.#asking(() => ensureTopics(this.connection, specs));
  }
  async topicNames() {
    return this.#asking(() => topicNames(this.connection));
  }
  async publish(messages) {
    await this.#producer.publish(messages);
  }
  async join(joining) {
    return this.#reading(joining, null);
  }
  async follow({ from, ...following }) {
    const held = await this.#heldFast(following.topic, from);
    const group = `${this.connection.clientId}.${randomUUID()}`;
    const onAssigned = () => Promise.resolve(held);
    const onRevoked = () => Promise.resolve();
    return this.#reading({ ...following, group, onAssigned, onRevoked }, [...held.keys()]);
  }
  async ranges(topic) {
    const [first, next] = await this.#asking(
      () => Promise.all(
        [ListOffsetTimestamps.EARLIEST, ListOffsetTimestamps.LATEST].map(
          (timestamp) => this.#offsets.listOffsets({ topics: [topic], timestamp })
        )
      )
    );
    const ends = next?.get(topic) ?? [];
    return (first?.get(topic) ?? []).map((begin, partition) => ({ first: begin, next: ends[partition] ?? begin }));
  }
  async close() {
    this.#closed = true;
    await Promise.all([...this.#readers].map((reader) => reader.leave()));
    this.#readers.clear();
    await this.#producer.close();
    await this.#offsets.close(true);
  }
  async #reading(joining, only) {
    if (this.#closed) throw busFailures.bus_closed();
    const reader = new GroupReader(this.connection, joining, (topic) => this.ranges(topic), only);
    this.#readers.add(reader);
    await this.#asking(() => reader.join());
    if (!this.#readers.has(reader)) throw busFailures.bus_closed();
    return {
      leave: async () => {
        if (this.#readers.delete(reader)) await reader.leave();
      }
    };
  }
  /** What is next now, as an offset: reading begins only when the group stands. */
  async #heldFast(topic, from) {
    const ranges = await this.ranges(topic);
    return new Map(
      [...from].map(([partition, start]) => [partition, start === "next" ? ranges[partition]?.next ?? 0n : start])
    );
  }
  async #asking(question) {
    if (this.#closed) throw busFailures.bus_closed();
    try {
      return await question();
    } catch (failure) {
      throw failure instanceof Failure ? failure : busFailures.bus_unavailable(failure);
    }
  }
};

// libs/domain/src/keys/key.events.ts
var revocationReasons = ["requested", "leaked", "rotated", "unused", "fraud"];

// libs/domain/src/keys/scopes.ts
var scopes = [
  "calls:write",
  "calls:read",
  "streams:connect",
  "keys:write",
  "keys:read",
  "billing:read",
  "audit:read",
  "webhooks:write",
  "numbers:write",
  "accounts:admin"
];
var scopePresets = {
  "Make calls": ["calls:write", "calls:read", "streams:connect"],
  "Read data": ["calls:read", "billing:read", "audit:read", "keys:read"]
};

// libs/domain/src/keys/policy-fault.ts
var callsPerSecondMax = 1e4;
var burstCallsMax = 1e4;
var linesMaxMax = 1e5;
var policyListMax = 100;
var labelPattern = /^[a-z0-9][a-z0-9._-]{0,62}$/;

// libs/domain/src/platform/values.ts
var modes = ["live", "test"];
var revocationPolicies = ["hangup", "drain"];

// libs/domain/src/keys/public-key.ts
var publicKeyPattern = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
var prime = 2n ** 255n - 19n;
var order8Y = 55188659117513257062467267217118295137698188065244968500265048394206261417927n;
var smallOrderYs = [0n, 1n, prime - 1n, order8Y, prime - order8Y];

// libs/messaging/src/field-rule.ts
var e164Pattern = /^\+[1-9]\d{6,14}$/;
var e164Number = {
  name: "e164",
  wanted: "is a number in E.164, such as +15005550000",
  schema: { type: "string", pattern: e164Pattern.source },
  right: matching(e164Pattern)
};
var urlCharactersMax = 2048;
var plainUrl = /^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[\x21-\x7e]*)?$/;
var webUrl = {
  name: "url",
  wanted: `is an absolute http(s) URL of at most ${String(urlCharactersMax)} characters without credentials`,
  schema: { type: "string", format: "uri", maxLength: urlCharactersMax, pattern: "^https?://" },
  right: (value) => typeof value === "string" && value.length <= urlCharactersMax && plainUrl.test(value) && URL.canParse(value)
};
var cleanText = /^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u;
function lineOfText(charactersMax, pattern) {
  const manner = pattern === void 0 ? " without control characters" : ` that matches ${pattern.source}`;
  const wanted = `is text of 1 to ${String(charactersMax)} characters${manner}`;
  const schema = {
    type: "string",
    minLength: 1,
    maxLength: charactersMax,
    pattern: pattern?.source ?? String.raw`^[^\u0000-\u001f\u007f]*$`
  };
  const form = pattern ?? cleanText;
  return {
    name: "text",
    wanted,
    schema,
    right: (value) => typeof value === "string" && value.length > 0 && value.length <= charactersMax && form.test(value)
  };
}
function choice(values) {
  return {
    name: "choice",
    wanted: `is one of ${values.join(", ")}`,
    schema: { type: "string", enum: [...values] },
    right: (value) => typeof value === "string" && values.includes(value)
  };
}
function choices(values) {
  return {
    name: "choices",
    wanted: `is a list without repetitions of ${values.join(", ")}`,
    schema: {
      type: "array",
      items: { type: "string", enum: [...values] },
      minItems: 1,
      maxItems: values.length,
      uniqueItems: true
    },
    right: (value) => isList(value) && value.length > 0 && value.length <= values.length && new Set(value).size === value.length && value.every((each) => typeof each === "string" && values.includes(each))
  };
}
function textList(each, itemsMax, itemIs) {
  return {
    name: "list",
    wanted: `is a list of at most ${String(itemsMax)}, each ${itemIs}`,
    schema: { type: "array", items: { type: "string", pattern: each.source }, maxItems: itemsMax },
    right: (value) => isList(value) && value.length <= itemsMax && value.every((item) => typeof item === "string" && each.test(item))
  };
}
var yesOrNo = {
  name: "boolean",
  wanted: "is true or false",
  schema: { type: "boolean" },
  right: (value) => typeof value === "boolean"
};
function wholeNumber(least, most) {
  return {
    name: "integer",
    wanted: `is a whole number from ${String(least)} to ${String(most)}`,
    schema: { type: "integer", minimum: least, maximum: most },
    right: (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most
  };
}
var microsPattern = /^(0|[1-9]\d{0,17})$/;
var amountMicros = {
  name: "amount_micros",
  wanted: "is a string of digits: millionths of one unit of the currency",
  schema: { type: "string", pattern: microsPattern.source },
  right: matching(microsPattern)
};
var momentPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;
var momentCharactersMax = 40;
var rfc3339Moment = {
  name: "moment",
  wanted: "is a moment as RFC 3339 writes it, such as 2026-01-31T12:00:00Z",
  schema: { type: "string", format: "date-time" },
  right: (value) => typeof value === "string" && value.length <= momentCharactersMax && momentPattern.test(value) && Date.parse(value) >= 0
};
function idPattern(prefix2) {
  return new RegExp(`^${prefix2}_[0-7][0-9A-HJKMNP-TV-Z]{25}$`);
}
function idText(prefix2) {
  const pattern = idPattern(prefix2);
  return {
    name: "id",
    wanted: `is an id that begins with ${prefix2}_`,
    schema: { type: "string", pattern: pattern.source },
    right: matching(pattern)
  };
}
var ed25519Jwk = {
  name: "jwk",
  wanted: "is a public JWK of exactly kty OKP, crv Ed25519 and x",
  schema: {
    type: "object",
    properties: {
      kty: { const: "OKP" },
      crv: { const: "Ed25519" },
      x: { type: "string", pattern: publicKeyPattern.source }
    },
    required: ["kty", "crv", "x"],
    additionalProperties: false
  },
  right: (value) => {
    if (typeof value !== "object" || value === null || Object.keys(value).length !== 3) return false;
    const { kty, crv, x } = value;
    return kty === "OKP" && crv === "Ed25519" && typeof x === "string" && publicKeyPattern.test(x);
  }
};
function matching(pattern) {
  return (value) => typeof value === "string" && pattern.test(value);
}
function isList(value) {
  return Array.isArray(value);
}

// libs/event-catalog/src/failures.ts
var catalogFailures = {
  event_field_invalid: (field, wanted) => new Failure("event_field_invalid", `${field} must be ${wanted}`, false),
  event_too_large: (bytes, bytesMax) => new Failure(
    "event_too_large",
    `an event is at most ${String(bytesMax)} bytes long, this one has ${String(bytes)}`,
    false
  ),
  event_malformed: (what) => new Failure("event_malformed", `these bytes are no event: ${what}`, false),
  event_type_unknown: (type) => new Failure(
    "event_type_unknown",
    `this release does not know the event type ${type}; a reader stops here and never skips`,
    false
  ),
  event_version_unknown: (type, versionMax) => new Failure(
    "event_version_unknown",
    `this release reads this event type up to version ${String(versionMax)}, not ${type}; a reader stops here and never skips`,
    false
  ),
  event_misfiled: (field) => new Failure("event_misfiled", `the log files this event under another ${field} than its bytes say`, false),
  text_not_interchangeable: () => new Failure("text_not_interchangeable", "text must be valid Unicode without U+0000", false)
};

// libs/event-catalog/src/canonical-json.ts
function canonicalJson(value) {
  if (typeof value === "string") return canonicalText(value);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isList2(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const members = Object.entries(value).sort(([left], [right]) => left < right ? -1 : 1).map(([name, member]) => `${canonicalText(name)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}
var notInterchangeable = /[\0\p{Surrogate}]/u;
function canonicalText(text3) {
  if (!isInterchangeable(text3)) throw catalogFailures.text_not_interchangeable();
  return JSON.stringify(text3);
}
function isInterchangeable(text3) {
  return !notInterchangeable.test(text3);
}
function isList2(value) {
  return Array.isArray(value);
}

// libs/event-catalog/src/shape.ts
var textPatterns = {
  label: { pattern: /^[a-z0-9][a-z0-9._-]{0,62}$/, wanted: "a label of 1\u201363 characters a\u2013z, 0\u20139, `.`, `_`, `-`" },
  currency: { pattern: /^[A-Z]{3}$/, wanted: "an ISO 4217 code" },
  country: { pattern: /^[A-Z]{2}$/, wanted: "an ISO 3166-1 alpha-2 code" },
  timeZone: { pattern: /^[A-Za-z][A-Za-z0-9_+-]{0,31}(?:\/[A-Za-z0-9_+-]{1,31}){0,2}$/, wanted: "an IANA time zone" },
  localDay: { pattern: /^\d{4}-\d{2}-\d{2}$/, wanted: "a day YYYY-MM-DD" },
  prefixDigits: { pattern: /^\d{1,15}$/, wanted: "a prefix of 1\u201315 digits" },
  cidr: { pattern: /^[0-9a-fA-F:.]{2,45}\/\d{1,3}$/, wanted: "a CIDR block" },
  sha256: { pattern: /^[0-9a-f]{64}$/, wanted: "a lower-case hex SHA-256" },
  publicKey: { pattern: publicKeyPattern, wanted: "an Ed25519 public key, 32 bytes as base64url" },
  commandName: { pattern: /^[a-z][a-z_]{0,62}$/, wanted: "the name of a command, `place_call`" },
  secretHint: { pattern: /^[0-9A-Za-z]{4}$/, wanted: "the last four characters of a secret" }
};
var innerPatterns = {
  /** base64url of iv (12 bytes) ‖ ciphertext (from 1) ‖ tag (16); at the most 2 048 characters of four bytes. */
  ciphertext: { pattern: /^[A-Za-z0-9_-]{39,10960}$/, wanted: "base64url of iv, ciphertext and tag" },
  pepperId: { pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, wanted: "the name of a pepper" }
};
var compoundFields = {
  sealed: { subjectId: { kind: "id", prefix: "sub" }, ciphertext: { kind: "text", pattern: "ciphertext" } },
  digest: { pepperId: { kind: "text", pattern: "pepperId" }, hmacSha256: { kind: "text", pattern: "sha256" } }
};
var codecOf = (shape) => ({ shape });
var id = (prefix2) => codecOf({ kind: "id", prefix: prefix2 });
var text = (pattern) => codecOf({ kind: "text", pattern });
var oneOf = (values) => codecOf({ kind: "enum", values });
var flag = codecOf({ kind: "flag" });
var microsAmount = codecOf({ kind: "micros" });
var count = codecOf({ kind: "count" });
var moment = codecOf({ kind: "epochMs" });
var duration = codecOf({ kind: "durationMs" });
var sealedText = codecOf({ kind: "sealed" });
var secretDigest = codecOf({ kind: "digest" });
var nullable = (inner) => codecOf({ kind: "nullable", inner: inner.shape });
var listOf = (item) => codecOf({ kind: "list", item: item.shape });
var objectOf = (fields) => codecOf({ kind: "object", fields: shapesOf(fields) });
function shapesOf(fields) {
  const codecs = Object.entries(fields);
  return Object.fromEntries(codecs.map(([name, codec]) => [name, codec.shape]));
}

// libs/event-catalog/src/shape-codec.ts
var ulid = "[0-7][0-9A-HJKMNP-TV-Z]{25}";
var decimalMicros = /^(?:0|-?[1-9]\d{0,30})$/;
var patterns = { ...textPatterns, ...innerPatterns };
function compileWriter(shape, field) {
  switch (shape.kind) {
    case "micros":
      return (value) => typeof value === "bigint" ? `"${value.toString()}"` : invalid(field, "whole micro-units");
    case "nullable": {
      const inner = compileWriter(shape.inner, field);
      return (value) => value === null ? "null" : inner(value);
    }
    case "list": {
      const item = compileWriter(shape.item, `${field}[]`);
      return (value) => isList3(value) ? `[${value.map(item).join(",")}]` : invalid(field, "a list");
    }
    case "object":
      return compileObjectWriter(shape.fields, field);
    case "sealed":
    case "digest":
      return compileObjectWriter(compoundFields[shape.kind], field);
    case "flag":
    case "count":
    case "epochMs":
    case "durationMs": {
      const check = compileReader(shape, field);
      return (value) => String(check(value));
    }
    case "id":
    case "text":
    case "enum": {
      const check = compileReader(shape, field);
      return (value) => `"${check(value)}"`;
    }
  }
}
function compileObjectWriter(fields, field, besides = []) {
  const members = Object.entries(fields).sort(([left], [right]) => left < right ? -1 : 1).map(([name, shape], at) => ({
    name,
    head: `${at === 0 ? "{" : ","}${JSON.stringify(name)}:`,
    write: compileWriter(shape, pathOf(field, name))
  }));
  const size = members.length + besides.length;
  return (value) => {
    if (!isRecord(value)) return invalid(field, "an object");
    let json = "";
    for (const member of members) json += member.head + member.write(value[member.name]);
    if (Object.keys(value).length !== size) return invalid(field, namesOnly(fields));
    return `${json}}`;
  };
}
function compileReader(shape, field) {
  switch (shape.kind) {
    case "id":
      return textReader(new RegExp(`^${shape.prefix}_${ulid}$`), field, `an id ${shape.prefix}_<ULID>`);
    case "text":
      return textReader(patterns[shape.pattern].pattern, field, patterns[shape.pattern].wanted);
    case "enum": {
      const words = new Set(shape.values);
      return (raw) => words.has(raw) ? raw : invalid(field, `one of ${shape.values.join(", ")}`);
    }
    case "flag":
      return (raw) => typeof raw === "boolean" ? raw : invalid(field, "true or false");
    case "count":
    case "epochMs":
    case "durationMs":
      return (raw) => isWholeNumber(raw) ? raw : invalid(field, "a whole number from 0");
    case "micros":
      return (raw) => typeof raw === "string" && decimalMicros.test(raw) ? BigInt(raw) : invalid(field, "a decimal string of micro-units");
    case "nullable": {
      const inner = compileReader(shape.inner, field);
      return (raw) => raw === null ? null : inner(raw);
    }
    case "list": {
      const item = compileReader(shape.item, `${field}[]`);
      return (raw) => isList3(raw) ? raw.map((each) => item(each)) : invalid(field, "a list");
    }
    case "object":
      return compileObjectReader(shape.fields, field);
    case "sealed":
    case "digest":
      return compileObjectReader(compoundFields[shape.kind], field);
  }
}
function compileObjectReader(fields, field) {
  const members = Object.entries(fields).map(([name, shape]) => ({
    name,
    read: compileReader(shape, pathOf(field, name))
  }));
  return (raw) => {
    if (!isRecord(raw) || Object.keys(raw).length !== members.length) return invalid(field, namesOnly(fields));
    for (const { name, read } of members) {
      const before = raw[name];
      const after = read(before);
      if (after !== before) raw[name] = after;
    }
    return raw;
  };
}
function textReader(pattern, field, wanted) {
  return (raw) => typeof raw === "string" && pattern.test(raw) ? raw : invalid(field, wanted);
}
function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function isList3(value) {
  return Array.isArray(value);
}
function isWholeNumber(value) {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
function pathOf(field, name) {
  return field === "" ? name : `${field}.${name}`;
}
function namesOnly(fields) {
  return `an object of ${Object.keys(fields).join(", ")} and nothing else`;
}
function invalid(field, wanted) {
  throw catalogFailures.event_field_invalid(field, wanted);
}

// libs/messaging/src/signed-command.ts
var commandTypePrefix = "ringfence.command.";
var signatureAttribute = "signature";
var replyToAttribute = "replyto";
var signatureHeader = { alg: "EdDSA", typ: "ringfence-command+jws" };
var sealedHeader = { alg: "ECDH-ES", enc: "A256GCM" };
function audienceOf(logId) {
  return `urn:ringfence:log:${logId}`;
}
function signedPayload(attributes, claims) {
  const { type, id: id2, source, subject, replyTo, dataSha256 } = attributes;
  const { audience, issuedAtS, expiresAtS, replyKey } = claims;
  return canonicalJson({
    aud: audience,
    data_sha256: dataSha256,
    exp: expiresAtS,
    iat: issuedAtS,
    id: id2,
    ...replyKey === null ? {} : { reply_key: replyKey },
    ...replyTo === null ? {} : { replyto: replyTo },
    source,
    subject,
    type
  });
}

// libs/messaging/src/public-commands.ts
var must = (rule) => ({ rule, required: true, personal: false });
var may = (rule) => ({ rule, required: false, personal: false });
var personal = (field) => ({ ...field, personal: true });
var overlapSecondsMax = 2592e3;
var nameCharactersMax = 200;
var keyHomePattern = /^(platform|acc_[0-7][0-9A-HJKMNP-TV-Z]{25})$/;
var suspensionReasonsOffered = ["requested", "fraud", "unpaid"];
var presetNames = Object.keys(scopePresets);
var policyFields = {
  preset: may(choice(presetNames)),
  scopes: may(choices(scopes)),
  calls_per_second: may(wholeNumber(1, callsPerSecondMax)),
  burst_calls: may(wholeNumber(1, burstCallsMax)),
  lines_max: may(wholeNumber(0, linesMaxMax)),
  daily_spend_micros_max: may(amountMicros),
  destination_prefixes: may(textList(/^\d{1,15}$/, policyListMax, "1 to 15 digits")),
  caller_numbers: personal(may(textList(e164Pattern, policyListMax, "a number in E.164"))),
  source_cidrs: may(textList(/^[0-9A-Fa-f.:]{2,45}\/\d{1,3}$/, policyListMax, "a CIDR block")),
  expires_at: may(rfc3339Moment),
  on_revoke: may(choice(revocationPolicies)),
  project: may(lineOfText(63, labelPattern)),
  application: may(lineOfText(63, labelPattern))
};
var newKeyFields = {
  account_id: may(lineOfText(40, keyHomePattern)),
  label: personal(must(lineOfText(nameCharactersMax))),
  mode: must(choice(modes)),
  ...policyFields
};
var ofKey = { key_id: must(idText("key")) };
var everybody = { operatorsOnly: false, answersSecret: false };
var operators = { operatorsOnly: true, answersSecret: false };
var publicCommands = {
  place_call: {
    wish: "PlaceCall",
    ...everybody,
    fields: {
      from_number: personal(must(e164Number)),
      to_number: personal(must(e164Number)),
      flow_url: personal(must(webUrl)),
      status_callback_url: personal(may(webUrl)),
      record: may(yesOrNo)
    }
  },
  hang_up_call: {
    wish: "HangUpCall",
    ...everybody,
    fields: { call_id: must(idText("cs")), leg_id: may(idText("cl")), reason: personal(may(lineOfText(255))) }
  },
  issue_key: { wish: "IssueKey", operatorsOnly: false, answersSecret: true, fields: newKeyFields },
  rotate_key: {
    wish: "RotateKey",
    operatorsOnly: false,
    answersSecret: true,
    fields: { ...ofKey, overlap_seconds: may(wholeNumber(0, overlapSecondsMax)) }
  },
  change_key_policy: { wish: "ChangeKeyPolicy", ...everybody, fields: { ...ofKey, ...policyFields } },
  revoke_key: {
    wish: "RevokeKey",
    ...everybody,
    fields: { ...ofKey, reason: may(choice(revocationReasons)), on_revoke: may(choice(revocationPolicies)) }
  },
  register_signing_key: {
    wish: "RegisterSigningKey",
    ...everybody,
    fields: { ...newKeyFields, public_key: must(ed25519Jwk) }
  },
  suspend_account: {
    wish: "SuspendAccount",
    ...everybody,
    fields: { reason: must(choice(suspensionReasonsOffered)) }
  },
  erase_subject: {
    wish: "EraseSubject",
    ...everybody,
    fields: { value: personal(may(lineOfText(2048))), subject_id: may(idText("sub")) }
  },
  open_account: {
    wish: "OpenAccount",
    ...operators,
    fields: {
      name: personal(must(lineOfText(nameCharactersMax))),
      currency: must(lineOfText(3, /^[A-Z]{3}$/)),
      region: may(lineOfText(32, /^[a-z][a-z0-9-]{1,31}$/)),
      time_zone: may(lineOfText(64, /^[A-Za-z][A-Za-z0-9_+/-]{1,63}$/))
    }
  },
  verify_account: { wish: "VerifyAccount", ...operators, fields: {} },
  add_credit: {
    wish: "AddCredit",
    ...operators,
    fields: {
      mode: must(choice(modes)),
      amount_micros: must(amountMicros),
      reference: personal(may(lineOfText(nameCharactersMax)))
    }
  }
};
var publicCommandNames = Object.keys(publicCommands);
var commandVersion = 1;
function commandTypeOf(name) {
  return `${commandTypePrefix}${name}.v${String(commandVersion)}`;
}

// libs/sdk/src/sdk-failures.ts
var sdkFailures = {
  options_wrong: (what) => new Failure("options_wrong", what, false),
  command_field_invalid: (field, wanted) => new Failure("command_field_invalid", `${field} ${wanted}. Nothing was sent.`, false),
  platform_keys_unreadable: (what) => new Failure("platform_keys_unreadable", `What the platform publishes of its keys cannot be read: ${what}.`, false),
  platform_unreachable: (url, why, cause) => new Failure("platform_unreachable", `No platform answers at ${url}: ${why}.`, true, { cause }),
  client_closed: () => new Failure("client_closed", "The client has been closed.", false),
  checkpoints_unreadable: (path, cause) => new Failure(
    "checkpoints_unreadable",
    `${path} holds no checkpoints of this form: bring it back from a backup, or take it away to begin anew.`,
    false,
    { cause }
  ),
  checkpoint_of_other_topic: (topic, partition) => new Failure(
    "checkpoint_of_other_topic",
    `The checkpoint of ${topic}, partition ${String(partition)}, lies beyond the topic\u2019s end: the topic was made anew. Begin anew with other checkpoints.`,
    false
  )
};

// libs/sdk/src/commands/checked-body.ts
var idPattern2 = /^[\x20-\x7e]{1,255}$/;
function checkCommand(name, body, id2) {
  if (!idPattern2.test(id2)) throw sdkFailures.command_field_invalid("id", "is 1 to 255 printable ASCII characters");
  const fields = publicCommands[name].fields;
  const values = new Map(Object.entries(body));
  for (const field of values.keys()) {
    if (!Object.hasOwn(fields, field))
      throw sdkFailures.command_field_invalid(
        JSON.stringify(field),
        `is no field of ${name}: ${Object.keys(fields).join(", ")}`
      );
  }
  for (const [field, { rule, required }] of Object.entries(fields)) {
    const value = values.get(field) ?? null;
    if (value === null ? required : !rule.right(value)) throw sdkFailures.command_field_invalid(field, rule.wanted);
  }
}

// libs/sdk/src/commands/command-signer.ts
import { createHash } from "node:crypto";

// libs/messaging/src/cloud-event.ts
var specVersion = "1.0";
var contentType = "application/json";
var prefix = "ce_";
var extensionName = /^[a-z0-9]{1,20}$/;
var jsonType = /^application\/json(?:\s*;\s*charset=utf-8)?$/i;
var attributeCharactersMax = 4096;
var rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;
var ownAttributes = /* @__PURE__ */ new Set(["specversion", "id", "source", "type", "subject", "time"]);
function binaryHeaders({
  id: id2,
  source,
  type,
  subject,
  time,
  extensions
}) {
  const headers = {
    "content-type": contentType,
    ce_specversion: specVersion,
    ce_id: id2,
    ce_source: source,
    ce_type: type
  };
  if (subject !== null) headers["ce_subject"] = subject;
  if (time !== null) headers["ce_time"] = time;
  for (const [name, value] of Object.entries(extensions)) headers[prefix + name] = value;
  return headers;
}
function readBinary(headers, value) {
  const media = headers["content-type"];
  if (media === void 0 || !jsonType.test(media))
    return fault(`the header content-type must be ${contentType}: the event is read in binary mode`);
  if (headers["ce_specversion"] !== specVersion) return fault(`the header ce_specversion must be ${specVersion}`);
  const attributes = /* @__PURE__ */ new Map();
  for (const [name, text3] of Object.entries(headers)) {
    if (!name.startsWith(prefix)) continue;
    if (text3.length > attributeCharactersMax)
      return fault(`the header ${name.slice(0, 64)} has more than ${String(attributeCharactersMax)} characters`);
    attributes.set(name.slice(prefix.length), text3);
  }
  const required = (name) => attributes.get(name) ?? "";
  for (const name of ["id", "source", "type"])
    if (required(name) === "") return fault(`the header ${prefix}${name} is missing`);
  const time = attributes.get("time") ?? null;
  if (time !== null && !(rfc3339.test(time) && !Number.isNaN(Date.parse(time))))
    return fault(`the header ce_time must be a moment as RFC 3339 writes it`);
  const extensions = {};
  for (const [name, text3] of attributes) {
    if (ownAttributes.has(name)) continue;
    if (!extensionName.test(name)) return fault(`an extension attribute is named by 1\u201320 of a\u2013z and 0\u20139`);
    extensions[name] = text3;
  }
  const subject = attributes.get("subject") ?? null;
  return {
    id: required("id"),
    source: required("source"),
    type: required("type"),
    subject,
    time,
    extensions,
    data: value
  };
}
function fault(text3) {
  return { fault: text3 };
}

// libs/sdk/src/commands/command-signer.ts
import { CompactEncrypt, CompactSign, importJWK, importPKCS8 } from "jose";
var CommandSigner = class _CommandSigner {
  constructor(keyId, privateKey, encryptionKey2, signedFor) {
    this.keyId = keyId;
    this.privateKey = privateKey;
    this.encryptionKey = encryptionKey2;
    this.signedFor = signedFor;
  }
  keyId;
  privateKey;
  encryptionKey;
  signedFor;
  /** @throws Failure `options_wrong`: the key cannot be read */
  static async make({ keyId, privateKey }, signedFor) {
    const { alg } = signatureHeader;
    try {
      const signing = typeof privateKey === "string" ? await importPKCS8(privateKey, alg) : await importJWK({ ...privateKey }, alg);
      const encrypting = await importJWK({ ...signedFor.encryption }, sealedHeader.alg);
      if (signing instanceof Uint8Array) throw new TypeError("a secret is no private key");
      return new _CommandSigner(keyId, signing, encrypting, signedFor);
    } catch (cause) {
      const why = cause instanceof Error ? cause.name : "unreadable";
      throw sdkFailures.options_wrong(
        `signingKey.privateKey must be an Ed25519 private key, as PKCS #8 PEM or as a JWK (${why})`
      );
    }
  }
  async record({ name, body, id: id2, subject }, replyTo, replyKey) {
    const { audience, source, validForMs } = this.signedFor;
    const value = Buffer.from(JSON.stringify(await this.#sealed(name, body, subject)));
    const type = commandTypeOf(name);
    const nowMs = Date.now();
    const issuedAtS = Math.floor(nowMs / 1e3);
    const claims = {
      audience,
      issuedAtS,
      expiresAtS: issuedAtS + Math.ceil(validForMs / 1e3),
      replyKey: publicCommands[name].answersSecret ? replyKey : null
    };
    const dataSha256 = createHash("sha256").update(value).digest("base64url");
    const payload = signedPayload({ type, id: id2, source, subject, replyTo, dataSha256 }, claims);
    const signature = await new CompactSign(Buffer.from(payload)).setProtectedHeader({ ...signatureHeader, kid: this.keyId }).sign(this.privateKey);
    const extensions = { [replyToAttribute]: replyTo, [signatureAttribute]: signature };
    const time = new Date(nowMs).toISOString();
    return { headers: binaryHeaders({ id: id2, source, type, subject, time, extensions }), value };
  }
  async #sealed(name, body, subject) {
    const fields = publicCommands[name].fields;
    const sealed = await Promise.all(
      Object.entries(body).map(async ([field, value]) => {
        if (value === void 0 || value === null || fields[field]?.personal !== true) return [field, value];
        if (!Array.isArray(value)) return [field, await this.#encrypted(String(value), subject)];
        return [field, await Promise.all(value.map((item) => this.#encrypted(String(item), subject)))];
      })
    );
    return Object.fromEntries(sealed);
  }
  #encrypted(clear, subject) {
    const { kid } = this.signedFor.encryption;
    return new CompactEncrypt(Buffer.from(clear)).setProtectedHeader({ ...sealedHeader, kid, sub: subject }).encrypt(this.encryptionKey);
  }
};

// libs/sdk/src/commands/command-results.ts
var keyed = ({ ids }) => ({ keyId: text2(ids, "key_id") });
var ofAccount = ({ ids }) => ({ accountId: text2(ids, "account_id") });
var withSecret = (result) => ({ ...keyed(result), secret: result.secret });
var readers = {
  place_call: ({ ids }) => ({ callId: text2(ids, "call_id") }),
  hang_up_call: ({ ids }) => ({ requestId: text2(ids, "request_id") }),
  issue_key: withSecret,
  rotate_key: withSecret,
  change_key_policy: keyed,
  revoke_key: keyed,
  register_signing_key: keyed,
  suspend_account: ofAccount,
  erase_subject: ({ ids }) => ({ subjectId: text2(ids, "subject_id") }),
  open_account: ofAccount,
  verify_account: ofAccount,
  add_credit: ofAccount
};
function resultOf(name, result) {
  return readers[name](result);
}
function text2(ids, name) {
  const value = ids[name];
  return typeof value === "string" ? value : "";
}

// libs/sdk/src/commands/http-routes.ts
var routes = {
  place_call: { method: "POST", path: "/voice/calls/initiate" },
  hang_up_call: { method: "POST", path: "/voice/calls/:call_id/hangup" },
  issue_key: { method: "POST", path: "/keys" },
  rotate_key: { method: "POST", path: "/keys/:key_id/rotate" },
  change_key_policy: { method: "PATCH", path: "/keys/:key_id/policy" },
  revoke_key: { method: "POST", path: "/keys/:key_id/revoke" },
  register_signing_key: { method: "POST", path: "/signing-keys" },
  suspend_account: { method: "POST", path: "/accounts/:subject/suspend" },
  erase_subject: { method: "POST", path: "/accounts/:subject/subjects/erase" },
  open_account: { method: "POST", path: "/accounts" },
  verify_account: { method: "POST", path: "/accounts/:subject/verify" },
  add_credit: { method: "POST", path: "/accounts/:subject/credit" }
};
function requestOf({ name, body, subject }) {
  const { method, path } = routes[name];
  const left = new Map(Object.entries(body));
  const filled = path.replaceAll(/:([a-z_]+)/g, (_, field) => {
    const value = field === "subject" ? subject : left.get(field);
    left.delete(field);
    return encodeURIComponent(typeof value === "string" ? value : "");
  });
  return { method, path: filled, body: Object.fromEntries(left) };
}

// libs/sdk/src/commands/http-commands.ts
var positionHeader = "ringfence-position";
var replayedHeader = "idempotent-replayed";
var askAgainStatuses = /* @__PURE__ */ new Set([408, 500, 502, 503, 504]);
var HttpCommands = class {
  constructor(connection) {
    this.connection = connection;
  }
  connection;
  #closing = new AbortController();
  async attempt(asked, timeoutMs2) {
    const { method, path, body } = requestOf(asked);
    const { url, apiKey } = this.connection;
    try {
      const answer = await fetch(`${url.replace(/\/$/, "")}/api/v1${path}`, {
        method,
        headers: { "x-api-key": apiKey, "content-type": "application/json", "idempotency-key": asked.id },
        body: JSON.stringify(body),
        signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(timeoutMs2)])
      });
      const json = await answer.json().catch(() => void 0);
      return this.#read(asked, answer, isRecord(json) ? json : {});
    } catch (failure) {
      const timedOut = failure instanceof Error && failure.name === "TimeoutError";
      const code = timedOut ? "reply_timeout" : "platform_unreachable";
      return { code, detail: `no answer came from ${url}: it is not known what became of it`, retryAfterMs: null };
    }
  }
  close() {
    this.#closing.abort();
    return Promise.resolve();
  }
  #read({ name, id: id2 }, { ok, status, headers }, json) {
    if (ok) {
      const position2 = headers.get(positionHeader) ?? "";
      const replayed = headers.get(replayedHeader) === "true";
      const secret = typeof json["secret"] === "string" ? json["secret"] : null;
      const named = { call_id: json["id"], key_id: json["id"], account_id: json["id"], ...json };
      return {
        outcome: { status: "accepted", id: id2, position: position2, replayed, result: resultOf(name, { ids: named, secret }) }
      };
    }
    const code = typeof json["code"] === "string" ? json["code"] : `http_${String(status)}`;
    const words = json["detail"] ?? json["message"];
    const detail = typeof words === "string" ? words : `the platform answered ${String(status)}`;
    const seconds = Number(headers.get("retry-after") ?? Number.NaN);
    const retryAfterMs2 = Number.isFinite(seconds) ? seconds * 1e3 : null;
    if (askAgainStatuses.has(status)) return { code, detail, retryAfterMs: retryAfterMs2 };
    return { outcome: { status: "refused", id: id2, code, detail, retryAfterMs: retryAfterMs2 } };
  }
};

// libs/sdk/src/commands/kafka-commands.ts
import { randomBytes, randomInt } from "node:crypto";

// libs/kernel/src/lane.ts
function laneOf(stream, laneCount) {
  return (murmur2(stream) & 2147483647) % laneCount;
}
function murmur2(ascii) {
  const m = 1540483477;
  const length = ascii.length;
  let h = 2538058380 ^ length;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    let k = ascii.charCodeAt(at) | ascii.charCodeAt(at + 1) << 8 | ascii.charCodeAt(at + 2) << 16 | ascii.charCodeAt(at + 3) << 24;
    k = Math.imul(k, m);
    k ^= k >>> 24;
    k = Math.imul(k, m);
    h = Math.imul(h, m) ^ k;
  }
  const rest = length - at;
  if (rest >= 3) h ^= ascii.charCodeAt(at + 2) << 16;
  if (rest >= 2) h ^= ascii.charCodeAt(at + 1) << 8;
  if (rest >= 1) {
    h ^= ascii.charCodeAt(at);
    h = Math.imul(h, m);
  }
  h ^= h >>> 13;
  h = Math.imul(h, m);
  h ^= h >>> 15;
  return h;
}

// libs/sdk/src/commands/reply-secrets.ts
import { compactDecrypt, exportJWK, generateKeyPair } from "jose";
var ReplySecrets = class _ReplySecrets {
  constructor(publicKey, privateKey) {
    this.publicKey = publicKey;
    this.privateKey = privateKey;
  }
  publicKey;
  privateKey;
  static async make() {
    const { publicKey, privateKey } = await generateKeyPair(sealedHeader.alg, { crv: "X25519", extractable: true });
    const { x = "" } = await exportJWK(publicKey);
    return new _ReplySecrets({ kty: "OKP", crv: "X25519", x }, privateKey);
  }
  /** null: it was encrypted to another key */
  async open(jwe) {
    const options = { keyManagementAlgorithms: [sealedHeader.alg], contentEncryptionAlgorithms: [sealedHeader.enc] };
    return compactDecrypt(jwe, this.privateKey, options).then(
      ({ plaintext }) => Buffer.from(plaintext).toString(),
      () => null
    );
  }
};

// libs/sdk/src/commands/kafka-commands.ts
var waitingMax = 16384;
var undecidedCodes = /* @__PURE__ */ new Set(["deadline_passed", "overloaded"]);
var KafkaCommands = class _KafkaCommands {
  constructor(parts, secrets, partition) {
    this.parts = parts;
    this.secrets = secrets;
    this.partition = partition;
  }
  parts;
  secrets;
  partition;
  #waiting = /* @__PURE__ */ new Map();
  #instance = randomBytes(9).toString("base64url");
  #sequence = 0;
  #listening;
  /** @throws Failure `bus_unavailable` (retryable) */
  static async open(parts) {
    const partition = randomInt(parts.partitions);
    const commands = new _KafkaCommands(parts, await ReplySecrets.make(), partition);
    commands.#listening = await parts.bus.follow({
      topic: parts.topics.replies,
      from: /* @__PURE__ */ new Map([[partition, "next"]]),
      onMessages: (_partition, batch) => {
        for (const message of batch) commands.#hear(message);
        return Promise.resolve();
      },
      onTrouble: parts.onTrouble
    });
    return commands;
  }
  async attempt(asked, timeoutMs2) {
    if (this.#waiting.size >= waitingMax)
      return { code: "overloaded", detail: "too many commands wait for their replies here", retryAfterMs: null };
    this.#sequence += 1;
    const correlation = `${this.#instance}-${this.#sequence.toString(36)}`;
    const heard = this.#heard(correlation, timeoutMs2);
    try {
      await this.#publish(asked, correlation, timeoutMs2);
    } catch (failure) {
      this.#waiting.delete(correlation);
      if (failure instanceof Failure)
        return {
          code: failure.code,
          detail: `${failure.message} Whether it arrived is not known.`,
          retryAfterMs: null
        };
      throw failure;
    }
    const body = await heard;
    if (body !== void 0) return this.#read(asked, body);
    return {
      code: "reply_timeout",
      detail: "no reply came in time: it is not known what became of it",
      retryAfterMs: null
    };
  }
  async close() {
    await this.#listening?.leave();
    this.#waiting.clear();
  }
  async #publish(asked, correlation, timeoutMs2) {
    const { bus, topics, partitions, signer } = this.parts;
    const replyTo = `${String(this.partition)}.${correlation}`;
    const { headers, value } = await signer.record(asked, replyTo, this.secrets.publicKey);
    const { subject: key } = asked;
    const partition = laneOf(key, partitions);
    const published = bus.publish([{ topic: topics.commands, key, partition, headers, value }]);
    await Promise.race([published, waited(timeoutMs2)]);
    published.catch(this.parts.onTrouble);
  }
  #heard(correlation, timeoutMs2) {
    return new Promise((resolve) => {
      const late = setTimeout(() => {
        this.#waiting.delete(correlation);
        resolve(void 0);
      }, timeoutMs2);
      this.#waiting.set(correlation, (body) => {
        this.#waiting.delete(correlation);
        clearTimeout(late);
        resolve(body);
      });
    });
  }
  #hear({ headers, value }) {
    const event = readBinary(headers, value);
    const hear = "fault" in event ? void 0 : this.#waiting.get(event.id);
    if (hear === void 0) return;
    try {
      const body = JSON.parse(Buffer.from(value).toString());
      if (isRecord(body)) hear(body);
    } catch (failure) {
      this.parts.onTrouble(failure);
    }
  }
  async #read({ name, id: id2 }, body) {
    const { status, position: at, replayed, result, refusal } = body;
    if (status === "accepted" && isRecord(result)) {
      const jwe = result["secret_jwe"];
      const secret = typeof jwe === "string" ? await this.secrets.open(jwe) : null;
      const position2 = `${this.parts.logId}:${String(at)}`;
      const plain = resultOf(name, { ids: result, secret });
      return { outcome: { status, id: id2, position: position2, replayed: replayed === true, result: plain } };
    }
    const no = reasonIn(status === "refused" && isRecord(refusal) ? refusal : body);
    const { code, detail, retryAfterMs: retryAfterMs2, retryable } = no;
    if (retryable || undecidedCodes.has(code)) return { code, detail, retryAfterMs: retryAfterMs2 };
    return { outcome: { status: "refused", id: id2, code, detail, retryAfterMs: retryAfterMs2 } };
  }
};
function reasonIn({ code, detail, message, retryable, retryAfterMs: retryAfterMs2 }) {
  const words = detail ?? message;
  return {
    code: typeof code === "string" ? code : "reply_unreadable",
    detail: typeof words === "string" ? words : "the reply cannot be read",
    // What cannot be read says nothing of what became of the command.
    retryable: retryable === true || typeof code !== "string",
    retryAfterMs: typeof retryAfterMs2 === "number" ? retryAfterMs2 : null
  };
}
function waited(timeoutMs2) {
  return new Promise((_, reject) => {
    setTimeout(() => {
      reject(new Failure("bus_unavailable", "The message bus did not take the command in time.", true));
    }, timeoutMs2).unref();
  });
}

// libs/event-catalog/src/event-codec.ts
import { isAscii } from "node:buffer";

// libs/event-store/src/event-store.ts
var eventBytesMax = 32768;

// libs/kernel/src/invariant.ts
var BrokenInvariant = class extends Error {
  name = "BrokenInvariant";
};
function invariant(holds, rule) {
  if (!holds) throw new BrokenInvariant(rule);
}
function unreachable(value) {
  throw new BrokenInvariant(`unreachable: ${JSON.stringify(value)}`);
}

// libs/event-catalog/src/catalogue.ts
var namePattern = /^[a-z]+\.[a-z]+(?:_[a-z]+)*$/;
var ceTypePattern = /^ringfence\.([a-z]+\.[a-z_]+)\.v([1-9]\d{0,3})$/;
function catalogueIndex(catalogue) {
  const types = Object.keys(catalogue);
  const currentTypes = {};
  const typesByName = /* @__PURE__ */ new Map();
  for (const type of types) {
    const { name, version, upcasters = [] } = catalogue[type];
    invariant(namePattern.test(name), `${name} is <context>.<fact>`);
    invariant(!typesByName.has(name), `${name} names one event`);
    invariant(upcasters.length === version - 1, `${type} has an upcaster for each older version`);
    typesByName.set(name, type);
    currentTypes[type] = ceTypeFor(name, version);
  }
  return {
    types,
    currentTypes,
    ceTypeOf: (type) => ceTypeFor(catalogue[type].name, catalogue[type].version),
    parse: (ceType) => {
      const [, name = "", version = ""] = ceTypePattern.exec(ceType) ?? [];
      const type = typesByName.get(name);
      return type === void 0 ? void 0 : { type, version: Number.parseInt(version, 10) };
    }
  };
}
function ceTypeFor(name, version) {
  return `ringfence.${name}.v${String(version)}`;
}

// libs/event-catalog/src/data-codec.ts
function dataCodec(catalogue) {
  const index2 = catalogueIndex(catalogue);
  const compiled = /* @__PURE__ */ new Map();
  for (const type of index2.types) compiled.set(type, compile(catalogue, type, index2.ceTypeOf(type)));
  const routes2 = /* @__PURE__ */ new Map();
  function compiledFor(type) {
    return compiled.get(type) ?? unreachable(type);
  }
  function routeOf(ceType) {
    const parsed = index2.parse(ceType);
    if (parsed === void 0) throw catalogFailures.event_type_unknown(ceType);
    const found = compiledFor(parsed.type);
    if (parsed.version > found.version) throw catalogFailures.event_version_unknown(ceType, found.version);
    const route = { ...parsed, compiled: found };
    routes2.set(ceType, route);
    return route;
  }
  return {
    ceTypeOf: (event) => compiledFor(event.type).ceType,
    write: (event) => compiledFor(event.type).write(event),
    read: (ceType, raw) => {
      const { type, version, compiled: found } = routes2.get(ceType) ?? routeOf(ceType);
      if (!isRecord(raw)) throw catalogFailures.event_field_invalid("data", "an object");
      const current = version === found.version ? raw : upcast(raw, found.upcasters.slice(version - 1));
      const data2 = found.read(current);
      data2["type"] = type;
      return data2;
    }
  };
}
function compile(catalogue, type, ceType) {
  const { version, fields, upcasters = [] } = catalogue[type];
  const shapes = shapesOf(fields);
  return {
    ceType,
    version,
    upcasters,
    write: compileObjectWriter(shapes, "", ["type"]),
    read: compileObjectReader(shapes, "")
  };
}
function upcast(raw, upcasters) {
  return { ...upcasters.reduce((data2, step) => step(data2), raw) };
}

// libs/event-catalog/src/envelope-attributes.ts
var ulid2 = "[0-7][0-9A-HJKMNP-TV-Z]{25}";
var envelopeReaders = {
  commandid: textReader(/^[\x20-\x7e]{1,255}$/, "commandid", "1\u2013255 printable ASCII characters"),
  moment: compileReader({ kind: "epochMs" }, "decidedat"),
  decidedat: decimalReader("decidedat"),
  id: compileReader({ kind: "id", prefix: "evt" }, "id"),
  issuedbyid: textReader(
    /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/,
    "issuedbyid",
    "a key id or the name of a worker, timer or operator"
  ),
  issuedbykind: compileReader({ kind: "enum", values: ["key", "worker", "timer", "operator"] }, "issuedbykind"),
  issuedbyversion: compileReader({ kind: "count" }, "issuedbyversion"),
  logid: compileReader({ kind: "id", prefix: "log" }, "logid"),
  mode: compileReader({ kind: "enum", values: modes }, "mode"),
  onbehalfofkeyid: compileReader({ kind: "id", prefix: "key" }, "onbehalfofkeyid"),
  onbehalfofkeyversion: compileReader({ kind: "count" }, "onbehalfofkeyversion"),
  onbehalfofpolicyhash: compileReader({ kind: "text", pattern: "sha256" }, "onbehalfofpolicyhash"),
  presentedkeyid: compileReader({ kind: "id", prefix: "key" }, "presentedkeyid"),
  prevhash: compileReader({ kind: "text", pattern: "sha256" }, "prevhash"),
  salt: textReader(/^[0-9a-f]{32}$/, "salt", "128 bits in lower-case hex"),
  stream: textReader(new RegExp(`^(?:acc_${ulid2}|${platformStream})$`), "stream", "an account id or `platform`"),
  version: compileReader({ kind: "count" }, "streamversion"),
  streamversion: decimalReader("streamversion"),
  subject: textReader(new RegExp(`^(?:[a-z]{2,8}_${ulid2}|${platformStream})$`), "subject", "an id or `platform`"),
  traceparent: textReader(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/, "traceparent", "a W3C traceparent")
};
var momentMsMax = 864e13;
function sourceOf(logId) {
  return `urn:ringfence:${logId}`;
}
var lastMs = -1;
var lastText = "";
function isoTimeOf(momentMs) {
  if (momentMs !== lastMs) {
    if (momentMs > momentMsMax)
      throw catalogFailures.event_field_invalid("decidedat", "a moment that a calendar knows");
    lastText = new Date(momentMs).toISOString();
    lastMs = momentMs;
  }
  return lastText;
}
function decimalReader(field) {
  const text3 = textReader(/^(?:0|[1-9]\d{0,15})$/, field, "a whole number from 0 in decimal");
  const whole = compileReader({ kind: "count" }, field);
  return (raw) => whole(Number(text3(raw)));
}

// libs/domain/src/accounts/account.events.ts
var suspensionReasons = ["requested", "fraud", "unpaid", "quarantined"];

// libs/domain/src/audit/audit.events.ts
var turnAwayCodes = [
  "signature_missing",
  "signature_invalid",
  "signing_key_unknown",
  /** The key belongs to another account. */
  "signing_key_foreign",
  /** It was signed for another log. */
  "audience_wrong",
  "command_expired",
  "command_too_old",
  "command_from_the_future",
  "personal_value_in_clear",
  "personal_value_unreadable",
  "command_unknown",
  "command_field_invalid",
  "reply_key_missing",
  "key_unknown",
  "key_revoked",
  "key_expired",
  "scope_missing",
  "presenter_not_allowed"
];

// libs/domain/src/calls/call-refusals.ts
var callRefusalCodes = [
  "key_unknown",
  "key_revoked",
  "key_expired",
  "scope_missing",
  "account_not_verified",
  "account_suspended",
  "number_invalid",
  "caller_number_not_allowed",
  "destination_not_allowed",
  "rate_limited",
  "lines_exhausted",
  "daily_spend_exceeded",
  "balance_insufficient",
  "no_route"
];

// libs/domain/src/calls/call.events.ts
var endCauses = [
  "caller_hangup",
  "callee_hangup",
  "authorised_time_ended",
  "key_revoked",
  "account_suspended",
  "invalid_number",
  "unreachable",
  "busy",
  "no_answer",
  "carrier_failure",
  "carrier_unknown",
  "cancelled"
];
var hangUpReasons = [
  "requested",
  "key_revoked",
  "account_suspended",
  "ring_timeout",
  "maximum_duration"
];

// libs/event-catalog/src/event-catalog.ts
var mode = oneOf(modes);
var keyPolicyCodec = objectOf({
  scopes: listOf(oneOf(scopes)),
  callsPerSecond: count,
  burstCalls: count,
  linesMax: count,
  dailySpendMicrosMax: nullable(microsAmount),
  destinationPrefixes: nullable(listOf(text("prefixDigits"))),
  callerNumbers: nullable(listOf(sealedText)),
  sourceCidrs: nullable(listOf(text("cidr"))),
  expiresAtMs: nullable(moment),
  onRevoke: oneOf(revocationPolicies),
  project: text("label"),
  application: text("label")
});
var rateQuote = objectOf({
  deckId: id("deck"),
  deckVersion: count,
  prefix: text("prefixDigits"),
  country: text("country"),
  connectFeeMicros: microsAmount,
  perMinuteMicros: microsAmount,
  minimumMs: duration,
  incrementMs: duration
});
var routeCandidate = objectOf({
  trunk: text("label"),
  tier: oneOf(["premium", "standard"]),
  rank: count
});
var ofCall = { callId: id("cs"), legId: id("cl"), keyId: id("key") };
var eventCatalogue = {
  AccountOpened: {
    name: "account.opened",
    version: 1,
    fields: {
      accountId: id("acc"),
      name: sealedText,
      currency: text("currency"),
      region: text("label"),
      timeZone: text("timeZone"),
      openedAtMs: moment
    }
  },
  AccountVerified: { name: "account.verified", version: 1, fields: { accountId: id("acc"), verifiedAtMs: moment } },
  AccountSuspended: {
    name: "account.suspended",
    version: 1,
    fields: { accountId: id("acc"), reason: oneOf(suspensionReasons), suspendedAtMs: moment }
  },
  CreditAdded: {
    name: "account.credit_added",
    version: 1,
    fields: {
      accountId: id("acc"),
      mode,
      amountMicros: microsAmount,
      reference: nullable(sealedText),
      addedAtMs: moment
    }
  },
  SubjectErased: {
    name: "account.subject_erased",
    version: 1,
    fields: { accountId: id("acc"), subjectId: id("sub"), erasedAtMs: moment }
  },
  KeyIssued: {
    name: "key.issued",
    version: 1,
    fields: {
      keyId: id("key"),
      accountId: nullable(id("acc")),
      mode,
      label: sealedText,
      digest: secretDigest,
      secretHint: text("secretHint"),
      policy: keyPolicyCodec,
      policyHash: text("sha256"),
      issuedAtMs: moment
    }
  },
  SigningKeyRegistered: {
    name: "key.signing_key_registered",
    version: 1,
    fields: {
      keyId: id("key"),
      accountId: nullable(id("acc")),
      mode,
      label: sealedText,
      publicKey: text("publicKey"),
      policy: keyPolicyCodec,
      policyHash: text("sha256"),
      registeredAtMs: moment
    }
  },
  KeyRotated: {
    name: "key.rotated",
    version: 1,
    fields: {
      keyId: id("key"),
      digest: secretDigest,
      secretHint: text("secretHint"),
      overlapUntilMs: moment,
      previousDigest: secretDigest,
      keyVersion: count,
      rotatedAtMs: moment
    }
  },
  KeyPolicyChanged: {
    name: "key.policy_changed",
    version: 1,
    fields: {
      keyId: id("key"),
      policy: keyPolicyCodec,
      policyHash: text("sha256"),
      keyVersion: count,
      changedAtMs: moment
    }
  },
  KeyRevoked: {
    name: "key.revoked",
    version: 1,
    fields: {
      keyId: id("key"),
      reason: oneOf(revocationReasons),
      onRevoke: oneOf(revocationPolicies),
      keyVersion: count,
      revokedAtMs: moment
    }
  },
  KeyOverlapEnded: { name: "key.overlap_ended", version: 1, fields: { keyId: id("key"), endedAtMs: moment } },
  CallPlaced: {
    name: "call.placed",
    version: 1,
    fields: {
      ...ofCall,
      attemptId: id("evt"),
      accountId: id("acc"),
      mode,
      project: text("label"),
      application: text("label"),
      from: sealedText,
      to: sealedText,
      flowUrl: sealedText,
      statusCallbackUrl: nullable(sealedText),
      record: flag,
      ringTimeoutMs: duration,
      rate: rateQuote,
      candidates: listOf(routeCandidate),
      authorisedForMs: duration,
      reservedMicros: microsAmount,
      localDay: text("localDay"),
      placedAtMs: moment
    }
  },
  CallRinging: { name: "call.ringing", version: 1, fields: { ...ofCall, attemptId: id("evt"), ringingAtMs: moment } },
  CallAnswered: {
    name: "call.answered",
    version: 1,
    fields: { ...ofCall, attemptId: id("evt"), answeredAtMs: moment }
  },
  CallExtended: {
    name: "call.extended",
    version: 1,
    fields: {
      ...ofCall,
      mode,
      authorisedForMs: duration,
      addedMicros: microsAmount,
      reservedMicros: microsAmount,
      localDay: text("localDay"),
      extendedAtMs: moment
    }
  },
  CallHangUpRequested: {
    name: "call.hang_up_requested",
    version: 1,
    fields: { ...ofCall, reason: oneOf(hangUpReasons), requestedAtMs: moment }
  },
  CallCompleted: {
    name: "call.completed",
    version: 1,
    fields: {
      ...ofCall,
      mode,
      project: text("label"),
      application: text("label"),
      cause: oneOf(endCauses),
      endedBy: oneOf(["caller", "callee", "platform"]),
      talkTimeMs: duration,
      billedMs: duration,
      chargedMicros: microsAmount,
      releasedMicros: microsAmount,
      localDay: text("localDay"),
      endedAtMs: moment
    }
  },
  CallFailed: {
    name: "call.failed",
    version: 1,
    fields: {
      ...ofCall,
      mode,
      project: text("label"),
      application: text("label"),
      cause: oneOf(endCauses),
      releasedMicros: microsAmount,
      localDay: text("localDay"),
      endedAtMs: moment
    }
  },
  CallRefused: {
    name: "call.refused",
    version: 1,
    fields: {
      presentedKeyId: id("key"),
      mode,
      code: oneOf(callRefusalCodes),
      to: nullable(sealedText),
      refusedAtMs: moment
    }
  },
  CallRefusalsCounted: {
    name: "call.refusals_counted",
    version: 1,
    fields: {
      presentedKeyId: id("key"),
      mode,
      code: oneOf(callRefusalCodes),
      secondStartMs: moment,
      count,
      countedAtMs: moment
    }
  },
  CommandTurnedAway: {
    name: "audit.command_turned_away",
    version: 1,
    fields: {
      presentedKeyId: nullable(id("key")),
      code: oneOf(turnAwayCodes),
      commandType: nullable(text("commandName")),
      turnedAwayAtMs: moment
    }
  },
  CommandsTurnedAwayCounted: {
    name: "audit.commands_turned_away_counted",
    version: 1,
    fields: {
      presentedKeyId: nullable(id("key")),
      code: oneOf(turnAwayCodes),
      secondStartMs: moment,
      count,
      countedAtMs: moment
    }
  },
  LogOpened: {
    name: "platform.log_opened",
    version: 1,
    fields: { logId: id("log"), laneCount: count, openedAtMs: moment }
  },
  RateDeckPublished: {
    name: "platform.rate_deck_published",
    version: 1,
    fields: {
      deckId: id("deck"),
      deckVersion: count,
      currency: text("currency"),
      rowCount: count,
      rowsSha256: text("sha256"),
      effectiveFromMs: moment
    }
  }
};
var index = catalogueIndex(eventCatalogue);
var ceTypes = index.currentTypes;

// libs/event-catalog/src/event-codec.ts
var data = dataCodec(eventCatalogue);
var written = /* @__PURE__ */ new WeakMap();
function decodeRecorded(recorded) {
  const { ceType, envelope } = written.get(recorded.bytes) ?? decode(recorded.bytes);
  if (ceType !== recorded.type) throw catalogFailures.event_misfiled("type");
  if (envelope.stream !== recorded.stream) throw catalogFailures.event_misfiled("stream");
  if (envelope.version !== recorded.version) throw catalogFailures.event_misfiled("version");
  if (envelope.subject !== recorded.subject) throw catalogFailures.event_misfiled("subject");
  return { ...envelope, position: recorded.position };
}
function decode(bytes) {
  const raw = parse(bytes);
  if (raw["specversion"] !== "1.0") throw catalogFailures.event_malformed("it is no CloudEvents 1.0 object");
  const ceType = raw["type"];
  if (typeof ceType !== "string") throw catalogFailures.event_malformed("it has no type");
  const event = data.read(ceType, raw["data"]);
  const at = envelopeReaders;
  const decidedAtMs = at.decidedat(raw["decidedat"]);
  const logId = at.logid(raw["logid"]);
  const onBehalfOf = authorityOf(raw);
  const presentedKeyId = optional(at.presentedkeyid, raw["presentedkeyid"]);
  const traceparent = optional(at.traceparent, raw["traceparent"]);
  checkDerived(raw, logId, decidedAtMs);
  const members = attributesAlways + (onBehalfOf === null ? 0 : 3) + (presentedKeyId === null ? 0 : 1) + (traceparent === null ? 0 : 1);
  if (Object.keys(raw).length !== members)
    throw catalogFailures.event_malformed("it has attributes that are not in the catalogue");
  const envelope = {
    id: at.id(raw["id"]),
    logId,
    stream: at.stream(raw["stream"]),
    version: at.streamversion(raw["streamversion"]),
    subject: at.subject(raw["subject"]),
    decidedAtMs,
    commandId: at.commandid(raw["commandid"]),
    mode: at.mode(raw["mode"]),
    issuedBy: {
      kind: at.issuedbykind(raw["issuedbykind"]),
      id: at.issuedbyid(raw["issuedbyid"]),
      version: at.issuedbyversion(raw["issuedbyversion"])
    },
    onBehalfOf,
    presentedKeyId,
    traceparent,
    prevHash: at.prevhash(raw["prevhash"]),
    salt: at.salt(raw["salt"]),
    data: event
  };
  return { ceType, envelope };
}
var attributesAlways = 19;
function parse(bytes) {
  if (bytes.length > eventBytesMax) throw catalogFailures.event_too_large(bytes.length, eventBytesMax);
  if (!isAscii(bytes)) throw catalogFailures.event_malformed("it is not ASCII");
  const text3 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  let raw;
  try {
    raw = JSON.parse(text3);
  } catch {
    throw catalogFailures.event_malformed("it is not JSON");
  }
  if (!isRecord(raw)) throw catalogFailures.event_malformed("it is not an object");
  return raw;
}
function checkDerived(raw, logId, decidedAtMs) {
  if (raw["datacontenttype"] !== "application/json") throw catalogFailures.event_malformed("its data is not JSON");
  if (raw["source"] !== sourceOf(logId)) throw catalogFailures.event_malformed("source and logid differ");
  if (raw["time"] !== isoTimeOf(decidedAtMs)) throw catalogFailures.event_malformed("time and decidedat differ");
}
function authorityOf(raw) {
  if (raw["onbehalfofkeyid"] === void 0) return null;
  const at = envelopeReaders;
  return {
    keyId: at.onbehalfofkeyid(raw["onbehalfofkeyid"]),
    keyVersion: at.onbehalfofkeyversion(raw["onbehalfofkeyversion"]),
    policyHash: at.onbehalfofpolicyhash(raw["onbehalfofpolicyhash"])
  };
}
function optional(read, raw) {
  return raw === void 0 ? null : read(raw);
}

// libs/kernel/src/units.ts
var micros = (amount) => amount;
var zeroMicros = micros(0n);
function epochMs(value) {
  return wholeNumber2(value, "a moment in milliseconds");
}
function position(value) {
  return wholeNumber2(value, "a position");
}
function streamVersion(value) {
  return wholeNumber2(value, "a stream version");
}
function wholeNumber2(value, what) {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`${what} is a whole number \u2265 0, got ${String(value)}`);
  return value;
}

// libs/messaging/src/feed/feed-chain.ts
var emptyChain = { through: position(0), last: null };
function afterLink(link) {
  return position(link === null ? 0 : link.position + 1);
}
function sameLink(left, right) {
  return left?.position === right?.position && left?.id === right?.id;
}

// libs/messaging/src/feed/feed-failures.ts
var feedFailures = {
  topic_of_other_log: (topic, partition, logId) => new Failure("topic_of_other_log", `${topic}, partition ${String(partition)}, holds the log ${logId}.`, false),
  feed_record_malformed: (topic, partition, offset, what) => new Failure(
    "feed_record_malformed",
    `${topic}, partition ${String(partition)}, offset ${String(offset)} is no record of the feed: ${what}. A reader stops here and never skips.`,
    false
  ),
  feed_gap: (topic, partition, offset, what) => new Failure(
    "feed_gap",
    `${topic}, partition ${String(partition)}, offset ${String(offset)}: ${what}. A reader stops here and never skips.`,
    false
  )
};

// libs/messaging/src/feed/feed-record.ts
var watermarkType = "ringfence.feed.watermark.v1";
function readFeedRecord(message) {
  const malformed = (what) => feedFailures.feed_record_malformed(message.topic, message.partition, message.offset, what);
  const read = readBinary(message.headers, message.value);
  if ("fault" in read) throw malformed(read.fault);
  const { extensions } = read;
  const logId = parseLogId(extensions["logid"] ?? "");
  if (logId === void 0) throw malformed("logid must be the id of a log");
  const epoch = wholeNumber3(extensions["relayepoch"]);
  if (epoch === void 0) throw malformed("relayepoch must be a whole number");
  const previous = previousOf(extensions);
  if (previous === void 0) throw malformed("prevposition and prevevent name an event, or both are missing");
  const linked = { logId, epoch, previous };
  const framed = read.type === watermarkType ? watermarkOf(read) : eventOf(read);
  if ("fault" in framed) throw malformed(framed.fault);
  const record = { ...linked, ...framed };
  const at = record.kind === "event" ? record.link.position : record.head;
  if (afterLink(previous) > at) throw malformed("what it follows has a later position");
  return record;
}
function eventOf({
  id: ceId,
  type,
  subject,
  extensions,
  data: data2
}) {
  const at = wholeNumber3(extensions["position"]);
  const id2 = parseEventId(ceId);
  const stream = parseStreamId(extensions["stream"] ?? "");
  const version = wholeNumber3(extensions["streamversion"]);
  if (at === void 0) return { fault: `position must be a whole number, and ${type} has none` };
  if (id2 === void 0) return { fault: "ce_id must be the id of an event" };
  if (stream === void 0) return { fault: "stream must be an account or the platform" };
  if (version === void 0) return { fault: "streamversion must be a whole number" };
  if (subject === null) return { fault: "an event has a subject" };
  const link = { position: position(at), id: id2 };
  const event = { type, subject, bytes: data2, position: link.position, stream, version: streamVersion(version) };
  return { kind: "event", link, event };
}
function watermarkOf({ time, data: data2 }) {
  const [, head] = /^\{"head":"(\d{1,16})"\}$/.exec(Buffer.from(data2).toString("latin1")) ?? [];
  const at = wholeNumber3(head);
  if (at === void 0) return { fault: "a watermark holds its head and nothing else" };
  if (time === null) return { fault: "a watermark has a time" };
  return { kind: "watermark", head: position(at), timeMs: epochMs(Date.parse(time)) };
}
function previousOf(extensions) {
  const { prevposition, prevevent } = extensions;
  if (prevposition === void 0 && prevevent === void 0) return null;
  const at = wholeNumber3(prevposition);
  const id2 = parseEventId(prevevent ?? "");
  return at === void 0 || id2 === void 0 ? void 0 : { position: position(at), id: id2 };
}
function wholeNumber3(text3) {
  if (text3 === void 0 || !/^(?:0|[1-9]\d{0,15})$/.test(text3)) return void 0;
  const value = Number(text3);
  return Number.isSafeInteger(value) ? value : void 0;
}

// libs/messaging/src/feed/partition-reader.ts
var PartitionReader = class {
  /** @param through everything of the partition below it has been seen; null: reading begins with whatever record comes first */
  constructor(of, through) {
    this.of = of;
    this.#through = through ?? void 0;
  }
  of;
  #epoch = 0;
  #through;
  /** undefined: the reader began behind it, or has not begun. */
  #last;
  /** Everything of the partition below it has been seen, or stands before the first record that was read; null: nothing was read yet. */
  get through() {
    return this.#through ?? null;
  }
  /**
   * @returns null: it holds nothing new
   * @throws Failure `feed_gap`, `topic_of_other_log`, `feed_record_malformed`
   */
  take(message) {
    const record = readFeedRecord(message);
    this.#checkPlace(message, record);
    if (record.epoch < this.#epoch) return null;
    this.#epoch = record.epoch;
    if (this.#through === void 0) {
      this.#through = afterLink(record.previous);
      this.#last = record.previous;
    }
    return record.kind === "event" ? this.#takeEvent(message, record, this.#through) : this.#takeWatermark(message, record, this.#through);
  }
  #takeEvent(message, record, through) {
    if (record.link.position < through) return null;
    this.#checkChain(message, record, through);
    this.#through = position(record.link.position + 1);
    this.#last = record.link;
    return record;
  }
  #takeWatermark(message, record, through) {
    if (record.head < through) return null;
    this.#checkChain(message, record, through);
    this.#through = record.head;
    this.#last = record.previous;
    return record;
  }
  #checkPlace({ topic, partition, offset }, record) {
    const { partitions, logId } = this.of;
    if (record.logId !== logId) throw feedFailures.topic_of_other_log(topic, partition, record.logId);
    if (record.kind === "event" && laneOf(record.event.stream, partitions) !== partition)
      throw feedFailures.feed_record_malformed(topic, partition, offset, "its stream belongs to another partition");
  }
  /** What goes beyond all we have seen must follow the last of it. */
  #checkChain({ topic, partition, offset }, { previous }, through) {
    const missing = previous !== null && previous.position >= through;
    if (!missing && (this.#last === void 0 || sameLink(previous, this.#last))) return;
    const seen = this.#last === void 0 ? `position ${String(through)}` : nameOf(this.#last);
    throw feedFailures.feed_gap(
      topic,
      partition,
      offset,
      `it follows ${nameOf(previous)}, and we have seen up to ${seen}`
    );
  }
};
function nameOf(link) {
  return link === null ? "nothing" : `${link.id} at position ${String(link.position)}`;
}

// libs/sdk/src/events/event-consumer.ts
var checkpointEveryEvents = 100;
var EventConsumer = class _EventConsumer {
  #parts = /* @__PURE__ */ new Map();
  #ended;
  #end = () => void 0;
  #over = false;
  #membership;
  constructor() {
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }
  /** @throws Failure `bus_unavailable` (retryable), `checkpoints_unreadable`, `checkpoint_of_other_topic` */
  static async start(options) {
    const { bus, topic, partitions, checkpoints, begin, onTrouble } = options;
    const consumer = new _EventConsumer();
    const [kept, ranges] = await Promise.all([checkpoints.load(topic), bus.ranges(topic)]);
    const from = /* @__PURE__ */ new Map();
    for (let partition = 0; partition < partitions; partition += 1) {
      const checkpoint = kept.get(partition);
      const next = checkpoint === void 0 ? void 0 : BigInt(checkpoint.nextOffset);
      if (next !== void 0 && next > (ranges[partition]?.next ?? 0n))
        throw sdkFailures.checkpoint_of_other_topic(topic, partition);
      from.set(partition, next ?? begin);
      consumer.#parts.set(partition, new Part(options, partition, checkpoint));
    }
    consumer.#membership = await bus.follow({
      topic,
      from,
      onMessages: (partition, batch) => consumer.#take(partition, batch),
      onTrouble
    });
    return consumer;
  }
  /** Settles when it is over: null after `stop`, otherwise what it stopped at. */
  get ended() {
    return this.#ended;
  }
  /** Everything that had happened by this moment, on the platform's clock, has been handled; null: that is not known yet. */
  get handledUntilMs() {
    const least = Math.min(...[...this.#parts.values()].map(({ watermarkMs }) => watermarkMs));
    return Number.isFinite(least) ? least : null;
  }
  /** Settles when the events under way have been handled. */
  async stop() {
    this.#over = true;
    await this.#membership?.leave();
    this.#end(null);
  }
  async #take(partition, batch) {
    if (this.#over) return;
    try {
      await this.#parts.get(partition)?.take(batch);
    } catch (failure) {
      if (!(failure instanceof Stopped)) throw failure;
      this.#over = true;
      this.#end(failure.why);
      void this.#membership?.leave();
    }
  }
};
var Stopped = class extends Error {
  constructor(why) {
    super(why.message);
    this.why = why;
  }
  why;
};
var Part = class {
  constructor(options, partition, checkpoint) {
    this.options = options;
    this.partition = partition;
    this.#nextOffset = BigInt(checkpoint?.nextOffset ?? "0");
    this.#reader = this.#readerFrom(checkpoint?.through ?? null);
  }
  options;
  partition;
  watermarkMs = Number.NEGATIVE_INFINITY;
  #reader;
  #nextOffset;
  #unsaved = 0;
  async take(batch) {
    for (const message of batch) {
      if (message.offset < this.#nextOffset) continue;
      const { through } = this.#reader;
      try {
        await this.#handle(message);
      } catch (failure) {
        this.#reader = this.#readerFrom(through);
        throw failure;
      }
      this.#nextOffset = message.offset + 1n;
      if (this.#unsaved >= checkpointEveryEvents) await this.#save();
    }
    await this.#save();
  }
  async #handle(message) {
    const taken = orStopped(() => {
      const record = this.#reader.take(message);
      if (record?.kind !== "event") return record;
      return { kind: "decoded", event: decodeRecorded(record.event) };
    });
    if (taken === null) return;
    if (taken.kind === "watermark") this.watermarkMs = Math.max(this.watermarkMs, taken.timeMs);
    if (taken.kind !== "decoded") return;
    const { event } = taken;
    await this.options.onEvent({ ...event, positionToken: `${this.options.logId}:${String(event.position)}` });
    this.#unsaved += 1;
  }
  async #save() {
    const { checkpoints, topic } = this.options;
    const { through } = this.#reader;
    await checkpoints.save(topic, this.partition, { nextOffset: String(this.#nextOffset), through });
    this.#unsaved = 0;
  }
  #readerFrom(through) {
    const { partitions, logId } = this.options;
    const of = { partition: this.partition, partitions, logId };
    return new PartitionReader(of, through === null ? null : position(through));
  }
};
function orStopped(work) {
  try {
    return work();
  } catch (failure) {
    throw failure instanceof Failure ? new Stopped(failure) : failure;
  }
}

// libs/sdk/src/platform-keys.ts
var partitionsMax = 1e5;
var audiencePrefix = audienceOf("");
function readPlatformKeys(body) {
  if (!isRecord(body)) throw sdkFailures.platform_keys_unreadable("it is no object");
  const { audience, encryption, topics, partitions } = body;
  if (typeof audience !== "string" || logIdIn(audience) === void 0)
    throw sdkFailures.platform_keys_unreadable("audience names no log");
  if (typeof partitions !== "number" || !Number.isInteger(partitions) || partitions < 1 || partitions > partitionsMax)
    throw sdkFailures.platform_keys_unreadable("partitions is no count");
  const keys = isRecord(encryption) && Array.isArray(encryption["keys"]) ? encryption["keys"].map(encryptionKey) : [];
  if (keys.length === 0) throw sdkFailures.platform_keys_unreadable("encryption has no key");
  const named = (name) => {
    const topic = isRecord(topics) ? topics[name] : void 0;
    if (typeof topic !== "string" || topic === "")
      throw sdkFailures.platform_keys_unreadable(`topics.${name} is missing`);
    return topic;
  };
  return {
    audience,
    encryption: { keys },
    topics: { commands: named("commands"), replies: named("replies"), events: named("events") },
    partitions
  };
}
function logIdIn(audience) {
  return audience.startsWith(audiencePrefix) ? parseLogId(audience.slice(audiencePrefix.length)) : void 0;
}
function encryptionKey(raw) {
  const { kty, crv, x, kid } = isRecord(raw) ? raw : {};
  if (kty !== "OKP" || crv !== "X25519" || typeof x !== "string" || typeof kid !== "string")
    throw sdkFailures.platform_keys_unreadable("a key of encryption is no X25519 key with a kid");
  return { kty, crv, x, kid };
}

// libs/sdk/src/fetched-platform-keys.ts
var timeoutMs = 1e4;
async function fetchPlatformKeys({ url, apiKey }) {
  const place = `${url.replace(/\/$/, "")}/api/v1/platform-keys`;
  const answer = await fetch(place, {
    headers: { "x-api-key": apiKey },
    signal: AbortSignal.timeout(timeoutMs)
  }).catch((cause) => {
    throw sdkFailures.platform_unreachable(url, "the connection failed", cause);
  });
  const body = await answer.json().catch(() => void 0);
  if (!answer.ok) throw sdkFailures.platform_unreachable(place, `it answered ${String(answer.status)}`);
  return readPlatformKeys(body);
}

// libs/sdk/src/retry.ts
import { setTimeout as sleep2 } from "node:timers/promises";
var retryDefault = {
  attemptsMax: 5,
  attemptTimeoutMs: 1e4,
  firstPauseMs: 200,
  pauseMsMax: 5e3
};
async function asking(id2, { attemptsMax, firstPauseMs, pauseMsMax }, signal, ask) {
  let pauseMs = firstPauseMs;
  for (let attempt = 1; ; attempt += 1) {
    const answered = await ask();
    if ("outcome" in answered) return answered.outcome;
    const { code, detail, retryAfterMs: retryAfterMs2 } = answered;
    if (attempt >= attemptsMax || signal.aborted) return { status: "unknown", id: id2, code, detail };
    const jittered = pauseMs * (0.5 + Math.random() / 2);
    await sleep2(Math.min(pauseMsMax, Math.max(jittered, retryAfterMs2 ?? 0)), void 0, { signal }).catch(
      () => void 0
    );
    pauseMs = Math.min(pauseMsMax, pauseMs * 2);
  }
}

// libs/sdk/src/client.ts
var validForDefaultMs = 6e4;
var validForMsMax = 6048e5;
var RingfenceClient = class _RingfenceClient {
  constructor(account, retry, onTrouble, http, kafka) {
    this.account = account;
    this.retry = retry;
    this.onTrouble = onTrouble;
    this.http = http;
    this.kafka = kafka;
  }
  account;
  retry;
  onTrouble;
  http;
  kafka;
  #closing = new AbortController();
  #consumers = /* @__PURE__ */ new Set();
  /** @throws Failure `options_wrong`, `platform_unreachable` and `bus_unavailable` (retryable), `platform_keys_unreadable` */
  static async open(options) {
    const account = parseStreamId(options.account);
    if (account === void 0) throw sdkFailures.options_wrong("account must be the id of an account, or `platform`");
    if (options.http === void 0 && options.kafka === void 0)
      throw sdkFailures.options_wrong("http or kafka must be given, or both");
    const onTrouble = options.onTrouble ?? (() => void 0);
    const kafka = options.kafka === void 0 ? null : await openKafka(options, options.kafka, account, onTrouble);
    const http = options.http === void 0 ? null : new HttpCommands(options.http);
    return new _RingfenceClient(account, { ...retryDefault, ...options.retry }, onTrouble, http, kafka);
  }
  /**
   * Asks for a command and says what became of it. It is asked again, always with the same id, while nobody knows; after the policy's last attempt the outcome is
   * `unknown`: ask again later, with the same id.
   * @throws Failure `command_field_invalid`: nothing was sent; `client_closed`, `options_wrong`
   */
  async send(name, body, { id: id2 = randomUUID2(), subject = this.account, over } = {}) {
    if (this.#closing.signal.aborted) throw sdkFailures.client_closed();
    checkCommand(name, body, id2);
    if (parseStreamId(subject) === void 0)
      throw sdkFailures.command_field_invalid("subject", "is the id of an account, or `platform`");
    const way = this.#way(over);
    const { signal } = this.#closing;
    return asking(id2, this.retry, signal, () => way.attempt({ name, body, id: id2, subject }, this.retry.attemptTimeoutMs));
  }
  /** Consumes events from where the checkpoints stand. @throws Failure as `EventConsumer.start`; `options_wrong` without `kafka` */
  async consume({ checkpoints, onEvent, begin = "first" }) {
    if (this.#closing.signal.aborted) throw sdkFailures.client_closed();
    if (this.kafka === null) throw sdkFailures.options_wrong("events come over Kafka: kafka must be given");
    const { bus, topics, partitions, logId } = this.kafka;
    const consumer = await EventConsumer.start({
      bus,
      topic: topics.events,
      partitions,
      logId,
      checkpoints,
      begin,
      onEvent: async (event) => {
        await onEvent(event);
      },
      onTrouble: this.onTrouble
    });
    this.#consumers.add(consumer);
    return consumer;
  }
  /** Ends consumers when the events under way have been handled; what is being asked for ends as `unknown`. */
  async close() {
    this.#closing.abort();
    await Promise.all([...this.#consumers].map((consumer) => consumer.stop()));
    await Promise.all([this.http?.close(), this.kafka?.commands?.close()]);
    await this.kafka?.bus.close();
  }
  #way(over) {
    const commands = this.kafka?.commands ?? null;
    const way = over === "http" ? this.http : over === "kafka" ? commands : commands ?? this.http;
    if (way !== null) return way;
    throw sdkFailures.options_wrong(
      over === "http" ? "http must be given" : "commands over Kafka are signed: kafka.signingKey must be given"
    );
  }
};
async function openKafka({ http, source = "urn:ringfence:sdk" }, options, account, onTrouble) {
  const { brokers, sasl, tls, signingKey } = options;
  const platform = options.platformKeys ?? (http === void 0 ? void 0 : await fetchPlatformKeys(http));
  if (platform === void 0)
    throw sdkFailures.options_wrong("kafka.platformKeys must be given, or http to ask for them");
  const logId = logIdIn(platform.audience);
  if (logId === void 0) throw sdkFailures.options_wrong("kafka.platformKeys.audience names no log");
  const { topics, partitions } = placesOf(platform, options, account);
  const clientId = `${account}.sdk.${randomBytes2(6).toString("hex")}`;
  const bus = new KafkaMessageBus({
    brokers,
    clientId,
    ...sasl === void 0 ? {} : { sasl },
    ...tls === void 0 ? {} : { tls }
  });
  try {
    const commands = signingKey === void 0 ? null : await KafkaCommands.open({ bus, topics, partitions, logId, onTrouble, signer: await signerOf(signingKey, platform, source, options) });
    return { bus, topics, partitions, logId, commands };
  } catch (failure) {
    await bus.close();
    throw failure;
  }
}
function placesOf({ topics, partitions }, { topics: whose = "shared" }, account) {
  if (whose === "shared") return { topics, partitions };
  const id2 = parseAccountId(account);
  if (id2 === void 0)
    throw sdkFailures.options_wrong("kafka.topics: `own` are an account\u2019s, and the platform is none");
  return { topics: accountTopicsOf(topics, id2), partitions: accountTopicPartitions };
}
async function signerOf(signingKey, { audience, encryption }, source, { validForMs = validForDefaultMs }) {
  const [key] = encryption.keys;
  if (key === void 0) throw sdkFailures.options_wrong("kafka.platformKeys.encryption has no key");
  if (!(Number.isInteger(validForMs) && validForMs >= 1e3 && validForMs <= validForMsMax))
    throw sdkFailures.options_wrong(`kafka.validForMs must be 1000 to ${String(validForMsMax)}`);
  return CommandSigner.make(signingKey, { audience, source, validForMs, encryption: key });
}

// libs/sdk/src/events/file-checkpoints.ts
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
var FileCheckpoints = class {
  constructor(path) {
    this.path = path;
  }
  path;
  #kept;
  #writing = Promise.resolve();
  #waiting;
  /** @throws Failure `checkpoints_unreadable` */
  async load(topic) {
    return new Map((await this.#read()).get(topic));
  }
  async save(topic, partition, checkpoint) {
    const kept = await this.#read();
    kept.set(topic, (kept.get(topic) ?? /* @__PURE__ */ new Map()).set(partition, checkpoint));
    this.#waiting ??= this.#writing.then(async () => {
      this.#waiting = void 0;
      await this.#write(kept);
    });
    const mine = this.#waiting;
    this.#writing = mine.catch(() => void 0);
    await mine;
  }
  async #read() {
    if (this.#kept !== void 0) return this.#kept;
    const text3 = await readFile(this.path, "utf8").catch((failure) => {
      if (failure instanceof Error && "code" in failure && failure.code === "ENOENT") return "{}";
      throw failure;
    });
    this.#kept ??= this.#parsed(text3);
    return this.#kept;
  }
  #parsed(text3) {
    try {
      const body = JSON.parse(text3);
      if (!isRecord(body)) throw new TypeError("no object");
      return new Map(Object.entries(body).map(([topic, partitions]) => [topic, partitionsIn(partitions)]));
    } catch (cause) {
      throw sdkFailures.checkpoints_unreadable(this.path, cause);
    }
  }
  async #write(kept) {
    const body = Object.fromEntries([...kept].map(([topic, partitions]) => [topic, Object.fromEntries(partitions)]));
    const beside = `${this.path}.next`;
    await mkdir(dirname(this.path), { recursive: true });
    const file = await open(beside, "w", 384);
    try {
      await file.writeFile(`${JSON.stringify(body, null, 1)}
`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, this.path);
  }
};
function partitionsIn(raw) {
  if (!isRecord(raw)) throw new TypeError("a topic has partitions");
  return new Map(
    Object.entries(raw).map(([partition, checkpoint]) => {
      const { nextOffset, through } = isRecord(checkpoint) ? checkpoint : {};
      if (!/^\d{1,6}$/.test(partition) || typeof nextOffset !== "string" || !/^\d{1,19}$/.test(nextOffset))
        throw new TypeError("a partition has an offset");
      if (through !== null && !(typeof through === "number" && Number.isSafeInteger(through) && through >= 0))
        throw new TypeError("a partition has a position");
      return [Number(partition), { nextOffset, through }];
    })
  );
}

// libs/sdk/src/events/memory-checkpoints.ts
var MemoryCheckpoints = class {
  #kept = /* @__PURE__ */ new Map();
  load(topic) {
    return Promise.resolve(new Map(this.#kept.get(topic)));
  }
  save(topic, partition, checkpoint) {
    const ofTopic = this.#kept.get(topic) ?? /* @__PURE__ */ new Map();
    this.#kept.set(topic, ofTopic.set(partition, checkpoint));
    return Promise.resolve();
  }
};
export {
  Failure,
  FileCheckpoints,
  MemoryCheckpoints,
  RingfenceClient,
  fetchPlatformKeys,
  readPlatformKeys
};
