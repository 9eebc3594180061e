/**
 * Says whether an object in this JSON text has a repeated member: the parser keeps only the last one, while other
 * readers may keep the first. In JSON each colon outside of strings belongs to one member.
 * @param read the parsed text
 */
export function hasRepeatedMember(text: string, read: unknown): boolean {
  return colonsIn(text) !== membersOf(read);
}

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;

function colonsIn(text: string): number {
  let colons = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) inString = !inString;
    else if (inString && code === backslash) at += 1;
    else if (!inString && code === colon) colons += 1;
  }
  return colons;
}

/** Counts members without recursion, because clients choose the depth. */
function membersOf(read: unknown): number {
  let members = 0;
  const open = [read];
  for (let value = open.pop(); open.length > 0 || value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    const within: readonly unknown[] = Object.values(value);
    if (!Array.isArray(value)) members += within.length;
    for (const each of within) if (typeof each === 'object' && each !== null) open.push(each);
  }
  return members;
}
