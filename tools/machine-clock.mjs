// Loaded before a server is (`node --import`): the clock of its machine is off by as many milliseconds as the file in
// MACHINE_CLOCKS says that is named after the process, and before there is one by those of the file `start`.
import { existsSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';

const folder = process.env.MACHINE_CLOCKS;
const name = String(process.pid);
const rightTime = Date.now.bind(Date);
let offMs = existsSync(join(folder, 'start')) ? Number(readFileSync(join(folder, 'start'), 'utf8')) : 0;

const now = () => rightTime() + offMs;
watch(folder, { persistent: false }, (_event, changed) => {
  if (changed === name) offMs = Number(readFileSync(join(folder, name), 'utf8'));
});
globalThis.Date = new Proxy(Date, {
  get: (date, member, receiver) => (member === 'now' ? now : Reflect.get(date, member, receiver)),
  construct: (date, given, newTarget) => Reflect.construct(date, given.length === 0 ? [now()] : given, newTarget),
});
