/**
 * What is on, in order of time: for whoever wants to see for themselves instead of being offered a few. It shows everything that runs,
 * also groups that are not for everyone. It never lists anything from a list that has expired.
 */

import { distanceKm, freshness, fromHome, type KnownMeeting, type Point } from './meeting.ts';
import { GRACE, nextOccurrence, type Occurrence } from './occurrence.ts';
import { FARTHEST_KM, NEARBY_KM } from './ranking.ts';
import type { Millis } from './time.ts';

/** `km` is as the crow flies, to one decimal; null when one takes part online. */
export type Listed = Occurrence & { km: number | null };

/**
 * The next occurrence of each meeting near a place, those that began at most ten minutes ago included, soonest first, then nearest.
 * @returns `within`: how many kilometres away was looked: 60, or 150 where nothing is nearer; null when there is nothing to go to
 * and the meetings online are listed
 */
export function agenda(
  meetings: readonly KnownMeeting[],
  near: Point,
  now: Millis,
  limit: number,
): { listed: Listed[]; within: number | null } {
  const from = now - GRACE;
  const known = meetings.filter(({ read }) => freshness(read, now) !== 'expired');
  const away = known.flatMap((meeting) =>
    meeting.place ? [{ meeting, km: Math.round(distanceKm(near, meeting.place) * 10) / 10 }] : [],
  );
  for (const within of [NEARBY_KM, FARTHEST_KM]) {
    const listed = inOrder(
      away.filter(({ km }) => km <= within),
      from,
    );
    if (listed.length > 0) return { listed: listed.slice(0, limit), within };
  }
  const online = known.filter(fromHome).map((meeting) => ({ meeting, km: null }));
  return { listed: inOrder(online, from).slice(0, limit), within: null };
}

function inOrder(meetings: readonly { meeting: KnownMeeting; km: number | null }[], from: Millis): Listed[] {
  return meetings
    .flatMap(({ meeting, km }) => {
      const next = nextOccurrence(meeting, from);
      return next ? [{ ...next, km }] : [];
    })
    .sort(
      (a, b) => a.starts - b.starts || (a.km ?? 0) - (b.km ?? 0) || (a.meeting.id < b.meeting.id ? -1 : 1),
    );
}
