/**
 * Finds where somebody is from what they typed: a postcode, or the name of a place however they spell it. It exists because the same
 * name lies in several parts of the country, and the wrong one sends a person hundreds of kilometres astray: then it gives all of
 * them, and never guesses. Text from outside is only compared, never kept or repeated.
 */

import { distanceKm, type Point } from './meeting.ts';

/** `label` can be typed in turn and leads back to the place. `region` is the county (fylke). */
export type Place = { label: string; postcode: string | null; region: string } & Point;

/** One row of the postcode list: four digits and the name of the post town. */
export type Postcode = { code: string; town: string } & Point;

/** One row of the list of places. */
export type Town = { name: string; region: string } & Point;

export type Finding =
  | { kind: 'found'; place: Place }
  | { kind: 'several'; places: Place[] }
  | { kind: 'unknown'; suggestions: Place[] };

/** `weight` stands for how many people may mean it: the number of its postcodes. `also`: another name it is found by. */
type Named = { name: string; region: string; weight: number; also?: string } & Point;

export type Gazetteer = {
  codes: ReadonlyMap<string, Place>;
  names: ReadonlyMap<string, readonly Named[]>;
  regions: ReadonlyMap<string, string>;
};

/** Longer than any name with its county; the rest of a longer text is not read. */
const LONGEST_TEXT = 80;
/** Two places of one name nearer than this are one place in two lists. */
const SAME_PLACE_KM = 20;
/** Only the arctic islands lie farther than this from every place in the list, which has none there. */
const OFF_THE_MAINLAND_KM = 300;
const ARCTIC = 'Svalbard og Jan Mayen';
/** Nobody in Norway lives farther than this from the nearest postcode. */
const FARTHEST_POSTCODE_KM = 50;
const MOST_PLACES = 5;
const MOST_SUGGESTIONS = 3;
/** Shorter names ("Å", "Os", "Mo") are ordinary words too, and are not looked for inside a sentence. */
const SHORTEST_NAME_IN_SENTENCE = 4;

/**
 * Prepares the two lists for searching. A post town has no county in its list: it gets that of the place of its own name nearby,
 * else of the nearest place, which can be wrong close to a county border; so a county is only ever used to tell namesakes apart.
 * @param otherNames old names and the like, each with a name or a postcode of the two lists that it stands for
 * @throws RangeError when one stands for no place, or for several
 */
export function gazetteer(
  postcodes: readonly Postcode[],
  towns: readonly Town[],
  otherNames: Readonly<Record<string, string>> = {},
): Gazetteer {
  const postTowns = Map.groupBy(postcodes, ({ town }) => town);
  const codes = new Map<string, Place>();
  const named: Named[] = towns.map((town) => ({ ...town, weight: postTowns.get(town.name)?.length ?? 0 }));
  for (const [name, rows] of postTowns) {
    const middle = mostCentral(rows);
    const region = regionOf(name, middle, towns);
    named.push({ name, region, weight: rows.length, lat: middle.lat, lon: middle.lon });
    for (const { code, lat, lon } of rows) {
      codes.set(code, { label: `${code} ${name}`, postcode: code, lat, lon, region });
    }
  }
  const townOf = new Map(postcodes.map(({ code, town }) => [code, town]));
  const others = Object.entries(otherNames).map(([also, standsFor]) => {
    const name = townOf.get(standsFor) ?? standsFor;
    const places = distinct(named.filter((place) => place.name === name));
    const at = codes.get(standsFor);
    const place = at ? least(places, (each) => distanceKm(each, at)) : places.length === 1 && places[0];
    if (!place) throw new RangeError(`${also}: ${standsFor} is no place in the lists, or several`);
    return { ...place, also };
  });
  const names = Map.groupBy(
    [...named, ...others].flatMap((place) =>
      [...keysOf(place.also ?? place.name)].map((key) => ({ key, place })),
    ),
    ({ key }) => key,
  );
  return {
    codes,
    names: new Map([...names].map(([key, found]) => [key, found.map(({ place }) => place)])),
    regions: new Map(named.map(({ region }) => [fold(region), region])),
  };
}

/**
 * What place a text means. A postcode anywhere in it decides; then the whole text as a name, with or without its county
 * ("Sand, Rogaland", "sand i rogaland"); then the longest names inside it ("jeg bor i Vennesla").
 * @returns at most five places to choose from when the name is ambiguous, at most three suggestions when it is unknown
 */
export function findPlace(gazetteer: Gazetteer, text: string): Finding {
  const start = text.slice(0, LONGEST_TEXT);
  const code = /(?<!\d)\d{4}(?!\d)/.exec(start)?.[0];
  const known = code === undefined ? undefined : gazetteer.codes.get(code);
  if (known) return { kind: 'found', place: known };

  const words = plain(start)
    .split(' ')
    .filter((word) => word !== '' && word !== code);
  const places = distinct(namesakes(gazetteer, words));
  const [only] = places;
  if (only && places.length === 1) return { kind: 'found', place: placeOf(gazetteer, only) };
  if (only) {
    return {
      kind: 'several',
      places: places.slice(0, MOST_PLACES).map((place) => placeOf(gazetteer, place)),
    };
  }
  return { kind: 'unknown', suggestions: code ? neighbours(gazetteer, code) : lookalikes(gazetteer, words) };
}

/** All places the words may mean, those spelled just so first. A sentence that names two places means both. */
function namesakes(gazetteer: Gazetteer, words: readonly string[]): Named[] {
  const whole = spelled(gazetteer, words.join(' '));
  if (whole.length > 0) return whole;
  const inRegion = withRegion(gazetteer, words);
  if (inRegion.length > 0) return inRegion;
  for (let length = words.length - 1; length > 0; length--) {
    const starts = words.slice(0, words.length - length + 1);
    const parts = starts.map((_, at) => words.slice(at, at + length).join(' '));
    const found = parts
      .filter((part) => part.length >= SHORTEST_NAME_IN_SENTENCE)
      .flatMap((part) => spelled(gazetteer, part));
    if (found.length > 0) return found;
  }
  return [];
}

/** Whoever types å, æ or ø means it; whoever types without may lack the keys. */
function spelled(gazetteer: Gazetteer, name: string): Named[] {
  const found = gazetteer.names.get(fold(name)) ?? [];
  const called = (place: Named) => plain(place.also ?? place.name);
  const exact = found.filter((place) => called(place) === name);
  const meant = /[æøå]/.test(name)
    ? found.filter((place) => called(place) === name || base(called(place)) === name)
    : [];
  const rest = meant.length > 0 ? meant : found;
  return [...exact, ...rest.filter((place) => !exact.includes(place))];
}

function withRegion(gazetteer: Gazetteer, words: readonly string[]): Named[] {
  for (let at = 1; at < words.length; at++) {
    const region = gazetteer.regions.get(fold(words.slice(at).join(' ')));
    if (!region) continue;
    const name = words.slice(0, words[at - 1] === 'i' && at > 1 ? at - 1 : at).join(' ');
    return spelled(gazetteer, name).filter((place) => place.region === region);
  }
  return [];
}

/** The postcode nearest to a point, or null when none lies within 50 km: out at sea, or in another country. */
export function nearestPostcode({ codes }: Gazetteer, at: Point): Place | null {
  const nearest = least([...codes.values()], (code) => distanceKm(code, at));
  return nearest && distanceKm(nearest, at) <= FARTHEST_POSTCODE_KM ? nearest : null;
}

/** One of each place: the first found stands for those nearby. */
function distinct(places: readonly Named[]): Named[] {
  const kept: Named[] = [];
  for (const place of places) {
    if (kept.every((other) => distanceKm(other, place) > SAME_PLACE_KM)) kept.push(place);
  }
  return kept;
}

/** The name; with the county where the name alone is ambiguous; with the nearest postcode too where even that is. */
function placeOf(gazetteer: Gazetteer, place: Named): Place {
  const { name, region, lat, lon } = place;
  const all = distinct(spelled(gazetteer, plain(name)));
  let label = all.length > 1 ? `${name}, ${region}` : name;
  if (all.filter((other) => other.region === region).length > 1) {
    label += ` (${least([...gazetteer.codes.values()], (code) => distanceKm(code, place))?.label})`;
  }
  return { label, postcode: null, lat, lon, region };
}

/** Numbers beside an unknown one: a postcode newer than the list lies near those it was numbered after. */
function neighbours(gazetteer: Gazetteer, code: string): Place[] {
  const away = (place: Place) => Math.abs(Number(place.postcode) - Number(code));
  return [...gazetteer.codes.values()]
    .filter((place) => place.postcode?.slice(0, 2) === code.slice(0, 2))
    .sort((a, b) => away(a) - away(b))
    .slice(0, MOST_SUGGESTIONS);
}

/** Names a slip or two away; of equally close ones those with most postcodes first. */
function lookalikes(gazetteer: Gazetteer, words: readonly string[]): Place[] {
  const key = fold(words.join(' '));
  const slips = key.length <= 3 ? 0 : key.length <= 6 ? 1 : 2;
  if (slips === 0) return [];
  const close = [...gazetteer.names]
    .map(([name, places]) => ({ places, distance: editDistance(key, name, slips) }))
    .filter(({ distance }) => distance <= slips)
    .flatMap(({ places, distance }) => places.map((place) => ({ place, distance })))
    .sort((a, b) => a.distance - b.distance || b.place.weight - a.place.weight)
    .map(({ place }) => place);
  return distinct(close)
    .slice(0, MOST_SUGGESTIONS)
    .map((place) => placeOf(gazetteer, place));
}

/**
 * How many letters must be changed, added, left out or swapped with the next to make one word of the other.
 * @returns more than `most`, without working it out, when they differ in length by more than that
 */
function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, beforeLast[j - 2]! + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}

function regionOf(name: string, at: Point, towns: readonly Town[]): string {
  const away = (town: Town) => distanceKm(town, at);
  const namesake = towns.find((town) => town.name === name && away(town) <= SAME_PLACE_KM);
  const nearest = namesake ?? least(towns, away);
  return nearest && away(nearest) <= OFF_THE_MAINLAND_KM ? nearest.region : ARCTIC;
}

/** The row nearest to the middle of all: the middle itself may lie in a fjord. */
function mostCentral<P extends Point>(rows: readonly P[]): P {
  const mean = (pick: (row: P) => number) => rows.reduce((sum, row) => sum + pick(row), 0) / rows.length;
  const middle = { lat: mean(({ lat }) => lat), lon: mean(({ lon }) => lon) };
  return least(rows, (row) => distanceKm(row, middle))!;
}

function least<T>(items: readonly T[], measure: (item: T) => number): T | undefined {
  let best: { item: T; size: number } | undefined;
  for (const item of items) {
    const size = measure(item);
    if (!best || size < best.size) best = { item, size };
  }
  return best?.item;
}

/** "Bø i Telemark" is looked for as "Bø" too. */
function keysOf(name: string): Set<string> {
  return new Set([fold(name), fold(base(plain(name)))]);
}

function base(name: string): string {
  return name.split(/ (?:i|på) /)[0] ?? name;
}

/** Lower case, letters and digits only, words parted by one space. */
function plain(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** The same for Ålesund, Aalesund and Alesund; for Tromsø, Tromsoe and Tromso. */
function fold(text: string): string {
  return plain(text)
    .replaceAll('ø', 'o')
    .replaceAll('æ', 'a')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replaceAll('aa', 'a')
    .replaceAll('oe', 'o')
    .replaceAll('ae', 'a');
}
