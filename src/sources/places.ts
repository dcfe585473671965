/**
 * Reads the postcode list and the list of places into a gazetteer. It exists so that a damaged or half-updated file stops the start
 * with the row that is wrong, instead of putting somebody in the sea. It never changes a row.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Gazetteer, gazetteer } from '../core/places.ts';

/**
 * The counties by GeoNames' code (its admin1 codes for Norway, which are not the official numbers), each with the first two digits
 * of its official municipality numbers since 2024 (Statistics Norway, classification of municipalities). A row names both, so
 * that a county code that changes its meaning is noticed.
 */
const COUNTIES: Readonly<Record<string, { name: string; municipalities: string }>> = {
  '01': { name: 'Akershus', municipalities: '32' },
  '04': { name: 'Buskerud', municipalities: '33' },
  '05': { name: 'Finnmark', municipalities: '56' },
  '08': { name: 'Møre og Romsdal', municipalities: '15' },
  '09': { name: 'Nordland', municipalities: '18' },
  '12': { name: 'Oslo', municipalities: '03' },
  '13': { name: 'Østfold', municipalities: '31' },
  '14': { name: 'Rogaland', municipalities: '11' },
  '17': { name: 'Telemark', municipalities: '40' },
  '18': { name: 'Troms', municipalities: '55' },
  '20': { name: 'Vestfold', municipalities: '39' },
  '21': { name: 'Trøndelag', municipalities: '50' },
  '34': { name: 'Innlandet', municipalities: '34' },
  '42': { name: 'Agder', municipalities: '42' },
  '46': { name: 'Vestland', municipalities: '46' },
};

// Generous bounds around Norway with Svalbard and Jan Mayen: latitude and longitude that changed places fall outside.
const lat = z.number().min(57).max(82);
const lon = z.number().min(-10).max(33);
const name = z.string().trim().min(1);

/** `{"4611": [latitude, longitude, post town, how the point was found]}` */
const postcodeList = z.record(
  z.string().regex(/^\d{4}$/, 'a postcode has four digits'),
  z.tuple([lat, lon, name, z.string()]),
);

/** `[[name, latitude, longitude, county code, municipality number]]` */
const townList = z.array(
  z
    .tuple([name, lat, lon, z.string(), z.string().regex(/^\d{4}$/)])
    .refine(
      ([, , , county, municipality]) => municipality.startsWith(COUNTIES[county]?.municipalities ?? '?'),
      {
        error: 'the county code is unknown or does not fit the municipality number',
      },
    ),
);

/** `{"towns": {"Kristiania": "Oslo"}, ...}`: by what kind of name it is; each stands for a name or a postcode in the other lists. */
const otherNameLists = z.strictObject({
  towns: z.record(name, name),
  mergedAway: z.record(name, name),
  municipalities: z.record(name, name),
});

/**
 * Loads `postcodes.json`, `towns.json` and `other-names.json` from a folder.
 * @throws Error naming the file and every row that is wrong
 */
export function loadPlaces(folder: string): Gazetteer {
  const postcodes = read(join(folder, 'postcodes.json'), postcodeList);
  const towns = read(join(folder, 'towns.json'), townList);
  const file = join(folder, 'other-names.json');
  const otherNames = read(file, otherNameLists);
  try {
    return gazetteer(
      Object.entries(postcodes).map(([code, [lat, lon, town]]) => ({ code, town, lat, lon })),
      towns.map(([name, lat, lon, county]) => ({ name, lat, lon, region: COUNTIES[county]!.name })),
      { ...otherNames.municipalities, ...otherNames.mergedAway, ...otherNames.towns },
    );
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Error(`${file}: ${error.message}`);
  }
}

function read<T>(file: string, schema: z.ZodType<T>): T {
  let data: unknown;
  try {
    data = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file}: cannot be read as JSON (${(error as Error).message})`);
  }
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const faults = result.error.issues.map(
    ({ path, message }) => `${file}: row ${path.join(', ')}: ${message}`,
  );
  throw new Error(faults.join('\n'));
}
