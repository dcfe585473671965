/**
 * Finds out where a meeting is: takes addresses apart, puts a point on the map from the postcode or the town where the list has none, and
 * sees when the point and the postcode contradict each other. It never asks a map service, and it never guesses between two towns.
 */
import { distanceKm, type MeetingPlace, type Point } from '../../core/meeting.ts';
import { findPlace, type Gazetteer, type Place } from '../../core/places.ts';
import type { Remarks } from './list.ts';

/** Parts as the list has them, cleaned; `lat` and `lon` as written. `columns` are its names for them. */
export type Whereabouts = {
  name: string;
  address: string;
  postcode: string;
  town: string;
  lat: unknown;
  lon: unknown;
  country: string;
  zone: string;
  approximate: boolean;
  columns: { address: string; postcode: string; town: string; point: string };
};

/** Postcode areas in the north are wide; beyond this, somebody should look. */
const LOOK_KM = 20;
/** Beyond this one of the two is wrong and we cannot know which: a person would travel to the wrong town, so the row is refused. */
const REFUSE_KM = 100;
const norwegianZones = new Set(['Europe/Oslo', 'Arctic/Longyearbyen', 'Atlantic/Jan_Mayen']);
const norway = /^(?:no|nor|norge|noreg|norway)$/i;
/** "Storgata 12, 0184 Oslo, Norge"; without a comma only where a town follows, or a house number would be a postcode. */
const lastPart = /^(.+?),\s*(?:NO?-?\s?)?(\d{4})(?:\s+([^,]+))?(?:,\s*(?:Norge|Noreg|Norway))?$/i;
const lastWords = /^(.+?\d\s?\p{L}?)\s+(\d{4})\s+(\p{L}[^,\d]*)$/u;
const code = /(?:^|[\s,])(?:NO?-?\s?)?(\d{4})(?=[\s,]|$)/i;

/** The place, or null with a fault. Whoever can take part online too may be refused the room only: the caller decides. */
export function placeOf(from: Whereabouts, gazetteer: Gazetteer, remarks: Remarks): MeetingPlace | null {
  const parts = inNorway(from) ? norwegianParts(from, gazetteer) : townParts(from);
  const { columns } = from;
  const told = pointOf(from, remarks);
  if (parts.name === '' && parts.address === '') return remarks.refuse('no-address', columns.address);
  const area = inNorway(from) ? areaOf(parts, columns, gazetteer, told !== null, remarks) : null;
  if (area === 'refused') return null;
  const place = {
    name: parts.name,
    address: parts.address,
    postcode: area?.padded ?? parts.postcode,
    town: parts.town || (area?.town ?? ''),
  };
  if (!told) {
    if (!area) return remarks.refuse('no-point', columns.postcode);
    return { ...place, lat: area.place.lat, lon: area.place.lon, approximate: true };
  }
  if (area) {
    const away = Math.round(distanceKm(told, area.place));
    // Small places share their names, so a town alone does not outweigh a point.
    if (away > REFUSE_KM && !area.byName) return remarks.refuse('point-far', columns.point, `${away} km`);
    if (away > LOOK_KM && !from.approximate) remarks.warn('point-off', columns.point, `${away} km`);
  }
  return { ...place, ...told, ...(from.approximate ? { approximate: true as const } : {}) };
}

const inNorway = ({ country, zone }: Whereabouts): boolean =>
  country === '' ? norwegianZones.has(zone) : norway.test(country);

/** "4616 Kristiansand" in one field, or at the end of the address, is taken apart. */
function norwegianParts(from: Whereabouts, gazetteer: Gazetteer): Whereabouts {
  let { address, postcode, town } = from;
  // Some lists have everything in one column, under "sted".
  if (address === '' && from.name === '' && town.includes(',')) [address, town] = [town, ''];
  const without = (field: string): string => {
    const found = code.exec(field);
    if (!found) return field;
    postcode = /^\d{3,4}$/.test(postcode) ? postcode : found[1]!;
    return `${field.slice(0, found.index)} ${field.slice(found.index + found[0].length)}`
      .replace(/^[\s,]+|[\s,]+$/g, '')
      .replace(/\s+/g, ' ');
  };
  const left = /^\d{3,4}$/.test(postcode) ? '' : without(postcode);
  town = without(town) || left;
  const tail = lastPart.exec(address) ?? lastWords.exec(address);
  if (tail) {
    address = tail[1]!;
    if (!/^\d{3,4}$/.test(postcode)) postcode = tail[2]!;
    town ||= (tail[3] ?? '').trim();
  }
  const [, before, last] = /^(.+),\s*(\p{L}[^\d,]+)$/u.exec(address) ?? [];
  if (before && last && postcode === '' && town === '' && findPlace(gazetteer, last).kind !== 'unknown') {
    address = before;
    town = last;
  }
  return { ...from, address, postcode: postcode.replace(/^NO?-?\s?(?=\d)/i, ''), town };
}

/** Elsewhere only what can be nothing else: "4000 Roskilde" where a town should stand. */
function townParts(from: Whereabouts): Whereabouts {
  const found =
    from.postcode === '' ? /^((?:[A-Z]{1,2}-)?(?:\d{4,5}|\d{3} \d{2}))\s+(\p{L}.*)$/u.exec(from.town) : null;
  return found ? { ...from, postcode: found[1]!, town: found[2]! } : from;
}

type Area = { place: Place; town: string; padded?: string; byName?: true };

/** The place that postcode or town stand for. A postcode that is not in the register is refused with what it may be. */
function areaOf(
  { postcode, town }: Whereabouts,
  columns: Whereabouts['columns'],
  gazetteer: Gazetteer,
  pointKnown: boolean,
  remarks: Remarks,
): Area | null | 'refused' {
  const refuse = (reason: Parameters<Remarks['refuse']>[0], column: string, value: string): 'refused' => {
    remarks.refuse(reason, column, value);
    return 'refused';
  };
  const byTown = town === '' ? null : findPlace(gazetteer, town);
  if (postcode !== '') {
    // Spreadsheets take "0184" for a number and drop its zero.
    const full = /^\d{3}$/.test(postcode) ? `0${postcode}` : postcode;
    const found = gazetteer.codes.get(full);
    if (!found) {
      if (pointKnown) return remarks.warn('postcode-unknown', columns.postcode, postcode);
      return refuse(
        'postcode-unknown',
        columns.postcode,
        [postcode, ...suggestions(gazetteer, full, byTown)].join(' → '),
      );
    }
    if (full !== postcode) remarks.warn('postcode-padded', columns.postcode, full);
    const places =
      byTown?.kind === 'found' ? [byTown.place] : byTown?.kind === 'several' ? byTown.places : [];
    const fits = places.length === 0 || places.some((place) => distanceKm(place, found) <= REFUSE_KM);
    if (!fits) return refuse('postcode-not-town', columns.postcode, `${found.label} / ${town}`);
    return { place: found, town: found.label.slice(5), ...(full === postcode ? {} : { padded: full }) };
  }
  if (!byTown) return null;
  if (pointKnown) return byTown.kind === 'found' ? { place: byTown.place, town, byName: true } : null;
  if (byTown.kind === 'found') {
    remarks.warn('point-of-town', columns.town, town);
    return { place: byTown.place, town, byName: true };
  }
  if (byTown.kind === 'several') {
    return refuse('town-ambiguous', columns.town, byTown.places.map(({ label }) => label).join(' / '));
  }
  return refuse(
    'town-unknown',
    columns.town,
    [town, ...byTown.suggestions.map(({ label }) => label)].join(' → '),
  );
}

function suggestions(
  gazetteer: Gazetteer,
  code: string,
  byTown: ReturnType<typeof findPlace> | null,
): string[] {
  if (byTown?.kind === 'found') {
    const { place } = byTown;
    let nearest: { label: string; km: number } | null = null;
    for (const each of gazetteer.codes.values()) {
      const km = distanceKm(each, place);
      if (!nearest || km < nearest.km) nearest = { label: each.label, km };
    }
    return nearest ? [nearest.label] : [];
  }
  const found = findPlace(gazetteer, code);
  return found.kind === 'unknown' ? found.suggestions.map(({ label }) => label) : [];
}

/** The point as the list has it. Zero, which stands for "unknown" in many databases, is none. */
function pointOf({ lat, lon, columns }: Whereabouts, remarks: Remarks): Point | null {
  const [written, other] = [number(lat), number(lon)];
  if (written === null && other === null) return null;
  if (
    written === null ||
    other === null ||
    Number.isNaN(written) ||
    Number.isNaN(other) ||
    Math.abs(written) > 90 ||
    Math.abs(other) > 180
  ) {
    return remarks.warn('point-broken', columns.point);
  }
  return Math.abs(written) < 0.01 && Math.abs(other) < 0.01 ? null : { lat: written, lon: other };
}

/** Null: nothing there; NaN: something that is no number. A comma is a decimal point here. */
function number(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : Number.NaN;
  if (typeof value !== 'string' || value.trim() === '') return null;
  return /^-?\d{1,3}(?:[.,]\d{1,20})?$/.test(value.trim())
    ? Number(value.trim().replace(',', '.'))
    : Number.NaN;
}
