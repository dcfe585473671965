/**
 * The shapes that a setting's value can have: how to read it, and how to say what is expected. They exist apart
 * from the settings so that both read well. A shape looks at one text only; it must never quote it, since a secret
 * pasted into the wrong variable is still a secret.
 */
import { isIP } from 'node:net';
import { z } from 'zod';
import { Secret } from './secret.ts';

/** `expects` completes the sentence "expected ...". */
export interface Shape<T = unknown> {
  readonly schema: z.ZodType<T, string>;
  readonly expects: string;
}

/** Whether a host name or address, as it stands in a setting or a URL, means this machine alone. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'));

/** Whether what is sent to the address stays unread on its way: https, or a host that is this machine. */
export const isPrivate = (url: URL): boolean => url.protocol === 'https:' || isLoopback(url.hostname);

/** An IPv6 address stands in brackets in a URL. */
export const hostInUrl = (name: string): string => (isIP(name) === 6 ? `[${name}]` : name);

export const host: Shape<string> = {
  schema: z
    .string()
    .refine((text) => /^[a-z\d.:-]+$/i.test(text) && URL.canParse(`http://${hostInUrl(text)}:1`)),
  expects: 'an IP address or a host name',
};

export const wholeNumber = (least: number, most: number): Shape<number> => ({
  schema: z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(least).max(most)),
  expects: `a whole number from ${least} to ${most}`,
});

export const oneOf = <const T extends string>(choices: readonly T[]): Shape<T> => ({
  schema: z.string().pipe(z.enum(choices)),
  expects: `one of ${choices.join(', ')}`,
});

/** Words that people are shown, such as a name. */
export const oneLine: Shape<string> = {
  schema: z.string().regex(/^\P{Cc}{1,80}$/u),
  expects: 'one line of at most 80 characters',
};

export const path: Shape<string> = {
  schema: z.string().regex(/^\P{Cc}+$/u),
  expects: 'a path',
};

export const zone: Shape<string> = {
  schema: z.string().refine((name) => {
    try {
      new Intl.DateTimeFormat('en', { timeZone: name });
      return /^[A-Z]/i.test(name);
    } catch {
      return false;
    }
  }),
  expects: 'the name of an IANA time zone, such as Europe/Oslo',
};

/** A web address without user, password, query or fragment, all of which are places where secrets end up. */
const address = (fits: (url: URL) => boolean): z.ZodType<string, string> =>
  z.string().refine((text) => {
    if (!URL.canParse(text) || /[?#]/.test(text)) return false;
    const url = new URL(text);
    return /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && fits(url);
  });

/** Scheme, host and port, read without the slash at the end. */
export const origin: Shape<string> = {
  schema: address((url) => url.pathname === '/').transform((text) => new URL(text).origin),
  expects: 'a web address without a path, such as https://blimed.example',
};

/** An address to which paths are added and secrets are sent. */
export const apiRoot: Shape<string> = {
  schema: address(isPrivate).refine((text) => !text.endsWith('/')),
  expects: 'an https address without a slash at its end (http only where the host is loopback)',
};

export const httpsAddress: Shape<string> = {
  schema: address((url) => url.protocol === 'https:'),
  expects: 'an https address without query',
};

/** Where a person can be reached: it stands in a header of every request, so it must fit there. */
export const contact: Shape<string> = {
  schema: z.union([address((url) => url.protocol === 'https:'), z.email()]),
  expects: 'an https address without query, or an e-mail address',
};

/** 256-bit keys, with blanks or commas between them. */
export const keys: Shape<Secret<readonly Uint8Array[]>> = {
  schema: z
    .string()
    .regex(/^[A-Za-z\d+/]{43}=([\s,]+[A-Za-z\d+/]{43}=)*$/)
    .transform(
      (text) => new Secret(text.split(/[\s,]+/).map((one) => Uint8Array.from(Buffer.from(one, 'base64')))),
    ),
  expects: '32 bytes in base64, 44 characters (openssl rand -base64 32 makes one)',
};

/** A command line for the shell. */
export const command: Shape<string> = {
  schema: z.string().regex(/^\P{Cc}+$/u),
  expects: 'a command',
};

export const botToken: Shape<Secret> = {
  schema: z
    .string()
    .regex(/^\d+:[\w-]+$/)
    .transform((text) => new Secret(text)),
  expects: 'a token as BotFather gives it: digits, a colon, then letters, digits, _ and -',
};

/** What Telegram allows as the secret of a webhook. */
export const webhookSecret: Shape<Secret> = {
  schema: z
    .string()
    .regex(/^[\w-]{1,256}$/)
    .transform((text) => new Secret(text)),
  expects: '1 to 256 of the characters A-Z, a-z, 0-9, _ and -',
};

/** A named point of the program and how many times (from 1) it is passed: `after-commit:3`. */
export const pointAndCount = <const T extends string>(
  points: readonly T[],
): Shape<{ point: T; n: number }> => ({
  schema: z
    .string()
    .transform((text) => text.split(':'))
    .pipe(z.tuple([oneOf(points).schema, wholeNumber(1, 1_000_000).schema]))
    .transform(([point, n]) => ({ point, n })),
  expects: `point:n, where n counts from 1 and point is one of ${points.join(', ')}`,
});

/** Where Redis is. `replicas`: how many of them must have a commit before it counts. */
export type RedisAddress = {
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly username: string | null;
  readonly password: Secret | null;
  readonly tls: boolean;
  readonly replicas: number;
} & (
  | { readonly kind: 'server'; readonly database: number }
  | { readonly kind: 'sentinel'; readonly database: number; readonly master: string }
  | { readonly kind: 'cluster' }
);

const redisForm =
  /^redis(s?)(?:\+(sentinel|cluster))?:\/\/(?:([^\s:@/]*)(?::([^\s@/]*))?@)?([^\s@/?#]+)((?:\/[\w.-]+)*)\/?(?:\?replicas=(\d))?$/;

/** One server, Sentinels with the name of what they watch, or nodes of a Cluster. */
export const redis: Shape<Secret<RedisAddress>> = {
  schema: z.string().transform((text, context): Secret<RedisAddress> => {
    const found = redisForm.exec(text);
    const [, s = '', form, username, password, hosts = '', rest = '', replicas = '0'] = found ?? [];
    const nodes = hosts.split(',').map((host) => redisNode(host, form === 'sentinel' ? 26_379 : 6379));
    const parts = rest.split('/').filter(Boolean);
    const master = form === 'sentinel' ? parts.shift() : '';
    const database = form === 'cluster' ? '0' : (parts.shift() ?? '0');
    const whole =
      found &&
      parts.length === 0 &&
      master !== undefined &&
      /^\d{1,3}$/.test(database) &&
      decodes(username, password);
    if (!whole || (form === undefined && nodes.length > 1) || !nodes.every((node) => node !== null)) {
      context.addIssue('no address of Redis');
      return z.NEVER;
    }
    const common = {
      nodes,
      username: username ? decodeURIComponent(username) : null,
      password: password ? new Secret(decodeURIComponent(password)) : null,
      tls: s === 's',
      replicas: Number(replicas),
    };
    if (form === 'cluster') return new Secret({ ...common, kind: 'cluster' });
    if (form === 'sentinel')
      return new Secret({ ...common, kind: 'sentinel', master, database: Number(database) });
    return new Secret({ ...common, kind: 'server', database: Number(database) });
  }),
  expects: 'an address such as rediss://user:password@redis.example:6379 (all forms: README.md, Redis)',
};

function redisNode(text: string, usual: number): { host: string; port: number } | null {
  const url = `http://${text}`;
  if (!/^[\w.:[\]-]+$/.test(text) || !URL.canParse(url)) return null;
  const { hostname } = new URL(url);
  const port = /:(\d+)$/.exec(text.replace(/^\[.*\]/, ''))?.[1];
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === undefined ? usual : Number(port) };
}

function decodes(...texts: (string | undefined)[]): boolean {
  try {
    for (const text of texts) decodeURIComponent(text ?? '');
    return true;
  } catch {
    return false;
  }
}
