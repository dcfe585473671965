/**
 * How one takes part in a meeting of a list: in a room, by link or telephone, or both. It exists so that every format decides alike, and so
 * that a room which cannot be found never keeps anybody from a meeting that can be reached from home.
 */
import type { Gazetteer } from '../../core/places.ts';
import { type Draft, Remarks } from './list.ts';
import { placeOf, type Whereabouts } from './where.ts';

export type Way = Pick<Draft, 'place' | 'online' | 'phone'>;

/**
 * @param mode what the list says
 * @param column where a link would stand
 * @returns null, with a fault, when there is no way to take part
 */
export function wayIn(
  mode: 'room' | 'wire' | 'both',
  wire: { online: string | null; phone: string | null },
  from: Whereabouts,
  column: string,
  gazetteer: Gazetteer,
  remarks: Remarks,
): Way | null {
  const { online, phone } = mode === 'room' ? { online: null, phone: null } : wire;
  const reachable = online !== null || phone !== null;
  const byWire = { online, ...(phone === null ? {} : { phone }) };
  if (mode === 'wire') return reachable ? { place: null, ...byWire } : remarks.refuse('no-way-in', column);
  const room = new Remarks();
  const place = placeOf(from, gazetteer, room);
  remarks.warnings.push(...room.warnings);
  if (place) return { place, ...byWire };
  if (reachable) {
    remarks.warn('room-left-out', from.columns.address);
    return { place: null, ...byWire };
  }
  remarks.faults.push(...room.faults);
  return null;
}
