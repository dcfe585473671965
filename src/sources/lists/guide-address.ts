/**
 * Takes the address of a Meeting Guide row apart: given in parts, or in one line in any country's order. It exists because a Norwegian address
 * has three parts between its commas and an American one four. It never drops a part that it does not know.
 */
import { addressLine, line } from './clean.ts';
import type { Row } from './json.ts';
import type { Remarks } from './list.ts';

/** As the last part of an address. */
const norwegian = /^(?:norge|noreg|norway)$/i;
const abroad =
  /^(?:usa|united states|canada|uk|united kingdom|england|scotland|ireland|sverige|sweden|danmark|denmark|finland|suomi|island|iceland|deutschland|germany|españa|spain|france|nederland|netherlands|polska|poland)$/i;

/** In parts, or in one line: "3186 Pullman St, Costa Mesa, CA 92626, USA", "Storgata 12, 0184 Oslo, Norge". */
export function addressOf(
  row: Row,
  remarks: Remarks | undefined,
): { address: string; postcode: string; town: string; country: string } {
  const own = {
    address: addressLine(row.address, remarks, 'address'),
    postcode: line(row.postal_code),
    town: line(row.city),
    country: line(row.country),
  };
  const parts = addressLine(row.formatted_address, remarks, 'formatted_address')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const last = parts.at(-1) ?? '';
  const country = norwegian.test(last) ? 'Norge' : abroad.test(last) ? last : '';
  if (country !== '') parts.pop();
  if (own.address !== '' || parts.length === 0) return { ...own, country: own.country || country };
  if (country !== '' && country !== 'Norge' && parts.length >= 3) {
    const [town, area] = parts.slice(-2);
    const postcode = /\b[A-Z\d][A-Z\d -]*\d[A-Z\d]*$/.exec(area ?? '')?.[0].replace(/^[A-Z]{2} /, '') ?? '';
    return {
      address: parts.slice(0, -2).join(', '),
      town: own.town || town!,
      postcode: own.postcode || postcode,
      country,
    };
  }
  if (parts.length === 1) return { ...own, address: parts[0]!, country: own.country || country };
  return {
    ...own,
    address: parts.slice(0, -1).join(', '),
    town: own.town || parts.at(-1)!,
    country: own.country || country,
  };
}

export function pointOf(row: Row): { lat: unknown; lon: unknown } {
  const both = String(row.coordinates ?? '').split(',');
  if (both.length === 2) return { lat: both[0]!.trim(), lon: both[1]!.trim() };
  return { lat: row.latitude, lon: row.longitude };
}
