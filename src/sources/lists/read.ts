/**
 * Reads a list of meetings in any of the formats. It exists as the one door for a file, a download and an upload alike; it takes bytes and gives
 * an account, whatever the bytes are. It never asks the network or the clock.
 */
import { gunzipSync } from 'node:zlib';
import type { ListFormat } from '../../core/listing.ts';
import { readBmlt } from './bmlt.ts';
import { readCsv } from './csv.ts';
import { decodeText } from './decode.ts';
import { type ListOptions, type Reading, unreadable } from './list.ts';
import { readMeetingGuide } from './meeting-guide.ts';
import type { Tag } from './tags.ts';

export type ReadOptions = ListOptions & {
  format: ListFormat;
  /** BMLT: the answer to GetFormats, where the list has none in it. */
  formats?: Uint8Array;
  /** BMLT: what the keeper of the source decided for single format ids. */
  ownFormats?: Readonly<Record<string, readonly Tag[]>>;
};

/** A whole country's export has some 40 MB; more is an attack on the memory. */
const MOST_BYTES = 200_000_000;

/** The account of a list; bytes that are none give an account of one row that is refused. */
export function readList(
  bytes: Uint8Array,
  { format, formats, ownFormats, ...options }: ReadOptions,
): Reading {
  const plain = unpacked(bytes);
  if (!plain) return unreadable('damaged-archive');
  if (starts(plain, [0x50, 0x4b, 3, 4]) || starts(plain, [0xd0, 0xcf, 0x11, 0xe0]))
    return unreadable('spreadsheet-file');
  if (format === 'csv') return readCsv(plain, options);
  if (format === 'meeting-guide') return readMeetingGuide(decodeText(plain), options);
  return readBmlt(decodeText(plain), {
    ...options,
    ...(formats ? { formats: decodeText(unpacked(formats) ?? new Uint8Array()) } : {}),
    ...(ownFormats ? { ownFormats } : {}),
  });
}

function unpacked(bytes: Uint8Array): Uint8Array | null {
  if (!starts(bytes, [0x1f, 0x8b])) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_BYTES });
  } catch {
    return null;
  }
}

const starts = (bytes: Uint8Array, magic: readonly number[]): boolean =>
  magic.every((byte, i) => bytes[i] === byte);
