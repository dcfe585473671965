/**
 * Fetches a list of meetings from its server, politely: one honest name with a contact, only when something may be new,
 * never longer or larger than bearable. Whatever goes wrong is an answer in words, never an exception; no part of an
 * address but its host is ever told.
 */
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { Millis } from '../../core/time.ts';

export type Validators = { etag: string | null; modified: string | null };

export type Fetched =
  | { kind: 'new'; bytes: Uint8Array; validators: Validators }
  | { kind: 'same' }
  /** `why` is for people. */
  | { kind: 'failed'; why: string };

export type Manner = {
  /** How the program names itself, with a contact: `BliMed/1.0 (+https://...)`. */
  agent: string;
  /** What the server gave the last time. */
  validators?: Validators;
  /** How long an answer may take altogether. */
  patience?: Millis;
  /** How large it may be, in bytes. */
  most?: number;
  /** Ends the fetch at once. */
  signal?: AbortSignal;
};

/** @param contact an address of the web or of e-mail */
export const agentOf = (contact: string): string => `BliMed/1.0 (+${contact})`;

const patience: Millis = 60_000;
/** Every known list is far smaller; the largest, of a whole continent, has some 40 MB. */
const most = 64 * 1024 * 1024;

export async function fetchList(url: string, manner: Manner): Promise<Fetched> {
  const asked = address(url);
  if (!asked) return { kind: 'failed', why: 'this is no http or https address' };
  const { etag, modified } = manner.validators ?? { etag: null, modified: null };
  try {
    const response = await fetch(asked, {
      headers: {
        'user-agent': manner.agent,
        accept: 'application/json, text/csv, */*;q=0.5',
        ...(etag ? { 'if-none-match': etag } : {}),
        ...(modified ? { 'if-modified-since': modified } : {}),
      },
      signal: AbortSignal.any([
        AbortSignal.timeout(manner.patience ?? patience),
        ...(manner.signal ? [manner.signal] : []),
      ]),
    });
    if (response.status === 304) return { kind: 'same' };
    if (!response.ok) {
      await response.body?.cancel();
      return { kind: 'failed', why: `${asked.host} answered ${response.status}${meaning(response.status)}` };
    }
    const bytes = await body(response, manner.most ?? most);
    if (!bytes) return { kind: 'failed', why: `the answer of ${asked.host} is too large` };
    return {
      kind: 'new',
      bytes,
      validators: {
        etag: response.headers.get('etag'),
        modified: response.headers.get('last-modified'),
      },
    };
  } catch (error) {
    return { kind: 'failed', why: reason(asked.host, error as Error) };
  }
}

function address(url: string): URL | null {
  const asked = URL.parse(url);
  return asked && /^https?:$/.test(asked.protocol) ? asked : null;
}

async function body(response: Response, limit: number): Promise<Uint8Array | null> {
  if (!response.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of Readable.fromWeb(response.body as ReadableStream)) {
    length += chunk.length;
    // Leaving the loop cancels the rest.
    if (length > limit) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const meaning = (status: number): string =>
  status === 403
    ? ': it does not let this program in; ask whoever runs it'
    : status === 404
      ? ': the list is not there any more'
      : status === 429
        ? ': too many questions'
        : '';

function reason(host: string, error: Error): string {
  if (error.name === 'TimeoutError') return `${host} did not answer in time`;
  const { code } = Object(error.cause) as { code?: unknown };
  return `${host} could not be reached${typeof code === 'string' ? ` (${code})` : ''}`;
}
