/**
 * Asks a source for its list: the right question for its format, fetched politely, read with the same readers as a file. It answers
 * and never throws; an answer in which nothing can be read is a failure and no empty list, since that would take everything away.
 */
import type { Source } from '../../core/listing.ts';
import type { Gazetteer } from '../../core/places.ts';
import { type Fetched, fetchList, type Manner, type Validators } from './fetch.ts';
import type { Reading } from './list.ts';
import { readList } from './read.ts';

export type Asked =
  | { kind: 'new'; reading: Reading; validators: Validators }
  | Exclude<Fetched, { kind: 'new' }>;

/** `today`: the local date, 'YYYY-MM-DD'. */
export async function askSource(
  source: Source & { url: string },
  manner: Manner,
  { today, places }: { today: string; places: Gazetteer },
): Promise<Asked> {
  const answer = await fetchList(addressOf(source), manner);
  if (answer.kind !== 'new') return answer;
  const { id, format, fellowship, zone } = source;
  const reading = readList(answer.bytes, { source: id, format, fellowship, zone, today, places });
  if (reading.rows > 0 && reading.accepted.length === 0) {
    return { kind: 'failed', why: 'the answer holds no meeting that could be read' };
  }
  return { kind: 'new', reading, validators: answer.validators };
}

/**
 * A BMLT server is named by its root; the question is added here. `callingApp` and one request for meetings and formats together is
 * what the servers' keepers ask for.
 */
function addressOf({ format, url }: Source & { url: string }): string {
  const asked = URL.parse(url);
  if (format !== 'bmlt' || !asked || /client_interface|\.(nd)?json|\.gz$/.test(asked.pathname)) return url;
  const root = asked.href.replace(/[?#].*$/, '').replace(/\/*$/, '/');
  return `${root}client_interface/json/?switcher=GetSearchResults&get_used_formats=1&callingApp=blimed`;
}
