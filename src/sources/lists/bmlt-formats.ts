/**
 * What the formats of a BMLT server mean. It exists because servers rename the keys, empty the world ids and reuse the numbers of the stock
 * list: "O" is open on one server and nothing on another, 52 once was a book and is now "ID required". So the words that the server itself
 * uses come before its codes, and no number means anything by itself.
 */
import { fold } from './days.ts';
import { languagesOf, type Tag, tagsOf } from './tags.ts';

export type BmltFormat = {
  id: string;
  key: string;
  worldId: string;
  name: string;
  description: string;
  type: string;
  language: string;
};

/** What one format says; `said` is its own name, for a format that nothing here stands for. */
export type Meaning = { tags: readonly Tag[]; said: string };

const worldIds: Readonly<Record<string, Tag>> = {
  OPEN: 'open',
  CLOSED: 'closed',
  BEG: 'beginners',
  W: 'women',
  M: 'men',
  Y: 'young',
  WCHR: 'wheelchair',
  VM: 'online',
  HYBR: 'hybrid',
  TC: 'closed-for-now',
  CH: 'closed-on-holidays',
};
/** The keys by which a server finds these formats itself, in its English rows. */
export const reserved: Readonly<Record<string, Tag>> = { VM: 'online', HY: 'hybrid', TC: 'closed-for-now' };

/**
 * The meaning of each format by its id. A list may have a row per language; they are taken together.
 * @param own what the keeper of the source has decided for single ids; comes before everything
 */
export function meanings(
  formats: readonly BmltFormat[],
  own: Readonly<Record<string, readonly Tag[]>> = {},
): Map<string, Meaning> {
  const byId = Map.groupBy(formats, ({ id }) => id);
  return new Map(
    [...byId].map(([id, rows]) => [
      id,
      { tags: Object.hasOwn(own, id) ? own[id]! : tagsFor(rows), said: saidIn(rows) },
    ]),
  );
}

function tagsFor(rows: readonly BmltFormat[]): readonly Tag[] {
  const kept = rows.find(({ language, key }) => language === 'en' && Object.hasOwn(reserved, key));
  if (kept) return [reserved[kept.key]!];
  const byName = rows.map(({ name }) => tagsOf(name)).find((tags) => tags.length > 0);
  if (byName) return byName;
  if (rows.some(({ type, worldId }) => type.startsWith('LANG') || worldId === 'LANG')) {
    return rows.flatMap(({ name }) => languagesOf(name)).map((code) => `speaks-${code}` as const);
  }
  const world = rows.map(({ worldId }) => worldIds[worldId.toUpperCase()]).find((tag) => tag !== undefined);
  // A world id says nothing where the server's own word is for something else: "Online Møde" bears OPEN in Denmark.
  return world && rows.every((row) => mayMean(world, fold(row.name))) ? [world] : [];
}

/** What is about access or the room is worth its description ("ID required to enter"); how the hour is filled, only its name. */
function saidIn(rows: readonly BmltFormat[]): string {
  const { type, name, key, description } = rows.find(({ language }) => language !== 'en') ?? rows[0]!;
  return type === 'FC1' || description === '' || description === name
    ? name || key
    : `${name || key} (${description.replace(/[.\s]+$/, '')})`;
}

const openness = /open|apen|aben|oppe|offen|ouvert|abiert|otwart|clos|luk|slut|ferme|cerrad|zamkn/;

function mayMean(tag: Tag, name: string): boolean {
  return tag !== 'open' && tag !== 'closed' ? true : name === '' || openness.test(name);
}
