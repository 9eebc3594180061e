type LogEvent = {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'fatal';
  readonly text: string;
  /** Only an operator can resolve the problem; docs/runbooks.md says how. */
  readonly actionRequired?: true;
};

/** The log lines by event code; no code is spelt elsewhere. Codes are stable, texts are not. */
export const logEvents = {
  shutdown_started: { level: 'info', text: 'shutting down' },
  shutdown_timed_out: { level: 'fatal', text: 'shutdown timed out; what is still running ends with the process' },
  shutdown_failed: { level: 'fatal', text: 'shutdown failed' },
  startup_slow: { level: 'warn', text: 'startup is slow: not every part is ready' },
  startup_failed: { level: 'fatal', text: 'startup failed' },
  startup_cleanup_failed: { level: 'error', text: 'what had been started could not be stopped after a failed startup' },
  uncaught_exception: { level: 'fatal', text: 'uncaught exception' },
  unhandled_rejection: { level: 'fatal', text: 'unhandled promise rejection' },

  embedded_database_moved: { level: 'warn', text: 'embedded database moved to a folder that its server can enter' },
  time_zone_mismatch: { level: 'warn', text: 'database and runtime disagree on a time zone' },
  key_digest_not_renewed: { level: 'warn', text: 'key digest not renewed, retrying when the key is next used' },
  log_follow_error: { level: 'warn', text: 'error following the log, retrying' },
  reactions_follow_error: { level: 'warn', text: 'error following the log for reactions, retrying' },
  message_bus_error: { level: 'warn', text: 'message bus error, retrying' },

  clock_stepped: { level: 'warn', text: 'machine clock stepped: decisions are held until it is right or has stayed' },
  clock_step_reverted: { level: 'warn', text: 'machine clock is right again: decisions continue' },
  clock_step_adopted: { level: 'warn', text: 'machine clock has stayed where it was set: decisions continue by it' },

  leader_elected: { level: 'info', text: 'became leader' },
  leadership_lost: { level: 'info', text: 'leadership lost' },
  leadership_not_acquired: { level: 'warn', text: 'could not acquire leadership, retrying' },

  segments_wait: { level: 'info', text: 'log not moved into segments while processes of an earlier release run' },
  segment_move_error: { level: 'warn', text: 'error moving the log into segments, retrying' },
  segment_not_moved: {
    level: 'error',
    text: 'log not moved into segments: a page is not what its rows are; nothing was changed',
    actionRequired: true,
  },

  append_failed: { level: 'warn', text: 'append failed' },
  command_parked: { level: 'error', text: 'command parked', actionRequired: true },
  account_quarantined: { level: 'error', text: 'account quarantined', actionRequired: true },
  invariant_violated: { level: 'error', text: 'invariant violated (bug); state rebuilt from the log' },
  release_outdated: {
    level: 'fatal',
    text: 'log written by a newer release: this process cannot decide and exits',
    actionRequired: true,
  },
  lanes_taken: { level: 'fatal', text: 'another process has taken the lanes: this one cannot decide and exits' },
  lanes_handed_over: { level: 'info', text: 'lanes handed over' },
  decider_gone: { level: 'warn', text: 'decider gone, its lanes are reassigned' },
  decider_watch_error: { level: 'warn', text: 'error watching for failed deciders, retrying' },
  command_partition_error: { level: 'warn', text: 'command partition error, retrying' },
  command_topic_recreated: { level: 'warn', text: 'command topic recreated: these lanes start at its first records' },
  platform_follow_error: { level: 'warn', text: 'error following the platform stream, retrying' },
  platform_follow_stopped: { level: 'error', text: 'platform stream no longer followed', actionRequired: true },

  relay_elected: { level: 'info', text: 'became leader of the relay' },
  relay_replaced: { level: 'info', text: 'leadership of the relay lost' },
  relay_error: { level: 'warn', text: 'relay error, retrying' },
  relay_diverged: { level: 'fatal', text: 'log and event topic diverged, this process exits', actionRequired: true },
  event_topic_error: { level: 'warn', text: 'event topic error, retrying' },
  account_topics_served: { level: 'info', text: 'account topics served' },
  account_topics_dropped: { level: 'info', text: 'account topics no longer served' },
  account_topics_error: { level: 'warn', text: 'account topics error, retrying' },

  key_registry_source: { level: 'info', text: 'source of the key registry selected' },
  key_registry_behind: {
    level: 'error',
    text: 'key registry cannot follow the log: requests are rejected until it can',
  },
  platform_data_unreadable: { level: 'error', text: 'platform reference data cannot be read' },
  rejection_report_dropped: { level: 'warn', text: 'rejected requests not recorded in the log' },
  request_failed: { level: 'error', text: 'unexpected error while handling a request (bug)' },

  incoming_call_unallocated: { level: 'info', text: 'rejected an incoming call: no account has the number' },
  attempt_dialled: { level: 'debug', text: 'attempt dialled' },
  reactor_error: { level: 'warn', text: 'reactor error, retrying' },
  reactor_stopped: { level: 'error', text: 'reactor stopped', actionRequired: true },

  projection_failed: { level: 'warn', text: 'projection failed, retrying' },
  projection_stopped: { level: 'error', text: 'projection stopped', actionRequired: true },
  projection_stream_parked: { level: 'error', text: 'projection parked a stream', actionRequired: true },
  projection_rebuilt: { level: 'info', text: 'projection rebuilt' },
} as const satisfies Readonly<Record<string, LogEvent>>;

export type LogEventCode = keyof typeof logEvents;
/** An entry of the catalogue with its optional members. */
export const logEventOf = (code: LogEventCode): LogEvent => logEvents[code];
