/**
 * The log: one JSON line per entry, made with pino, for whoever runs the program. It stands between the program
 * and pino so that an entry holds listed fields only, and ids, codes and numbers in them. It must never hold what
 * people write, who they are, a secret, or an error's message, which may quote any of these.
 */
import { type DestinationStream, type LevelWithSilent, pino } from 'pino';

/** The fields an entry may have besides `err`. Whoever adds one must be sure that it says nothing about a person. */
const allowed = [
  ...(['event', 'eventId', 'kind', 'purpose', 'outcome', 'code', 'attempt', 'count', 'ms', 'due'] as const),
  ...([
    'personId',
    'clinicId',
    'partition',
    'planId',
    'meetingId',
    'timerId',
    'entryId',
    'listId',
    'revision',
  ] as const),
  ...(['channel', 'dialogue', 'step', 'language', 'method', 'route', 'status'] as const),
  ...(['mode', 'host', 'port', 'signal', 'version'] as const),
] as const;

/**
 * One entry: `event` is its name (such as 'turn-parked'), the rest ids, codes and numbers; no value may be prose.
 * Of `err`, whatever was thrown, name, code and the places in the code are kept, but not the message.
 */
export type Fields = { event: string; err?: unknown } & {
  [F in (typeof allowed)[number]]?: string | number | boolean | null;
};

type Entry = (fields: Fields, text: string) => void;

/** The text of an entry is a fixed sentence; what varies belongs in the fields. */
export interface Log {
  readonly debug: Entry;
  readonly info: Entry;
  readonly warn: Entry;
  readonly error: Entry;
  readonly fatal: Entry;
}

/** The seriousness from which entries are written. */
export type Level = LevelWithSilent;

/** @param destination where the lines go; standard output, written at once, when it is left out */
export function createLog(
  level: Level,
  destination: DestinationStream = pino.destination({ sync: true }),
): Log {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  const entry =
    (at: keyof Log): Entry =>
    (fields, text) => {
      if (logger.isLevelEnabled(at)) logger[at](sieved(fields), redacted(text));
    };
  return {
    debug: entry('debug'),
    info: entry('info'),
    warn: entry('warn'),
    error: entry('error'),
    fatal: entry('fatal'),
  };
}

/** A log that writes nothing, for tests that do not look at it. */
export const silentLog: Log = createLog('silent', { write: () => {} });

function sieved(fields: Fields): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const name of allowed) {
    const value = fields[name];
    if (typeof value === 'string') kept[name] = isCode(value) ? redacted(value) : '[dropped]';
    else if (typeof value === 'number' || typeof value === 'boolean' || value === null) kept[name] = value;
  }
  if (fields.err !== undefined) kept.err = described(fields.err);
  return kept;
}

/** Ids, codes, times and routes have no spaces and are short; what people write and are called seldom is both. */
const isCode = (value: string): boolean => /^[\w.:/+*-]{1,120}$/.test(value);

interface Described {
  name: string;
  code?: string | number;
  stack?: string;
  cause?: Described;
}

/** An error without its message; `depth` bounds a chain of causes, which may be a ring. */
function described(thrown: unknown, depth = 3): Described {
  if (!(thrown instanceof Error)) return { name: `thrown ${typeof thrown}` };
  const { name, stack, cause } = thrown;
  const code: unknown = 'code' in thrown ? thrown.code : undefined;
  return {
    name: isCode(name) ? redacted(name) : '[dropped]',
    ...(typeof code === 'number'
      ? { code }
      : typeof code === 'string' && isCode(code)
        ? { code: redacted(code) }
        : {}),
    ...(stack === undefined ? {} : { stack: places(stack, thrown.message) }),
    ...(cause === undefined || depth === 0 ? {} : { cause: described(cause, depth - 1) }),
  };
}

/** The lines of a stack that say where. The message begins on its first line and may itself look like such lines. */
function places(stack: string, message: string): string {
  const start = stack.indexOf(message);
  const opens = start >= 0 && !stack.slice(0, start).includes('\n');
  const lines = stack.slice(opens ? start + message.length : 0).split('\n');
  return redacted(lines.filter((line) => /^\s+at /.test(line)).join('\n'));
}

/** Bot tokens, and the parts of addresses where tokens, codes and passwords stand, are taken out of a text. */
function redacted(text: string): string {
  return text
    .replace(/bot\d+(:|%3A)[\w-]+/gi, 'bot[secret]')
    .replace(/\d{6,}:[\w-]{30,}/g, '[secret]')
    .replace(/(\b[a-z][a-z\d+.-]*:\/\/)[^\s/?#@]*@/gi, '$1[secret]@')
    .replace(/(\b[a-z][a-z\d+.-]*:\/\/[^\s?#"'<>()]*[?#])[^\s"'<>()]*/gi, '$1[secret]');
}
