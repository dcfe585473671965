/**
 * Looking through the meetings oneself: what is on today, this week, or online just now, five at a time. It exists for
 * whoever would rather choose than be advised. It shows no list that has expired, and nothing that is not for everyone
 * unless the person asked for it.
 */
import { reportedBy } from '../knowledge.ts';
import { distanceKm, freshness, type KnownMeeting } from '../meeting.ts';
import { GRACE, type Occurrence, occurrencesBetween } from '../occurrence.ts';
import { NEARBY_KM } from '../ranking.ts';
import type { Frame } from '../records.ts';
import { addDays, atLocal, type Millis, toLocal } from '../time.ts';
import type { Part, Turn } from '../turn.ts';

type View = 'today' | 'week' | 'online';

const perPage = 5;
const day: Millis = 24 * 3_600_000;
/** A late evening still belongs to the day that began it. */
const nightEnds = '04:00';

export const vocabulary: Part = {
  entries: [],
  conditions: {
    'more-pages': (turn, frame) => (pageOf(frame) + 1) * perPage < listed(turn, frame).length,
    'earlier-pages': (_turn, frame) => pageOf(frame) > 0,
  },
  actions: {
    'browse-today': opening('today'),
    'browse-week': opening('week'),
    'browse-online': opening('online'),
    'browse-on': turning(1),
    'browse-back': turning(-1),
  },
  readers: {},
  options: {},
  values: {},
  links: {},
};

function opening(view: View) {
  return {
    outcomes: ['found', 'none', 'no-place'],
    act: (turn: Turn, frame: Frame) => {
      Object.assign(frame.vars, { view, page: '0' });
      if (view !== 'online' && !turn.person.place) return 'no-place';
      return show(turn, frame) > 0 ? 'found' : 'none';
    },
  };
}

function turning(by: 1 | -1) {
  return {
    outcomes: ['done'],
    act: (turn: Turn, frame: Frame) => {
      frame.vars.page = String(Math.max(0, pageOf(frame) + by));
      show(turn, frame);
      return 'done';
    },
  };
}

const pageOf = (frame: Frame): number => Number(frame.vars.page ?? 0);

/** Puts a page of what is listed before the person, as suggestions are; how many that are. */
function show(turn: Turn, frame: Frame): number {
  const from = pageOf(frame) * perPage;
  const page = listed(turn, frame).slice(from, from + perPage);
  frame.vars.found = JSON.stringify(page.map(({ meeting, date, km }) => [meeting.id, date, km, []]));
  return page.length;
}

type Listed = Occurrence & { km: number | null };

/** Everything in the chosen view, the soonest first and then the nearest. */
function listed(turn: Turn, frame: Frame): Listed[] {
  const { now, person, reference, world } = turn;
  const view = frame.vars.view as View | undefined;
  if (!view) return [];
  const until = { today: endOfDay(turn), week: now + 7 * day, online: now + day }[view];
  const closed = reportedBy(world.knowledge, person.id);
  const found = reference.meetings.all.flatMap((meeting): Listed[] => {
    const km = wayTo(turn, meeting, view);
    if (km === undefined || !isFor(turn, meeting) || closed.includes(meeting.id)) return [];
    return occurrencesBetween(meeting, now - GRACE, until).map((one) => ({ ...one, km }));
  });
  const nearest = ({ km }: Listed) => km ?? Number.POSITIVE_INFINITY;
  return found.sort(
    (a, b) =>
      a.starts - b.starts || Math.sign(nearest(a) - nearest(b)) || (a.meeting.id < b.meeting.id ? -1 : 1),
  );
}

function endOfDay({ now, person: { zone } }: Turn): Millis {
  const { date, time } = toLocal(now, zone);
  return atLocal(time < nightEnds ? date : addDays(date, 1), nightEnds, zone);
}

/** Kilometres there, null where one takes part from home, undefined where it is out of reach or of another view. */
function wayTo({ person }: Turn, { place, online }: KnownMeeting, view: View): number | null | undefined {
  if (view === 'online') return online === null ? undefined : null;
  if (!place || !person.place) return undefined;
  const km = Math.round(distanceKm(person.place, place) * 10) / 10;
  return km <= NEARBY_KM ? km : undefined;
}

function isFor({ person, now }: Turn, { marks, read, fellowship }: KnownMeeting): boolean {
  const wanted = person.fellowships ?? [];
  return (
    freshness(read, now) !== 'expired' &&
    (wanted.length === 0 || wanted.includes(fellowship)) &&
    (['women', 'men'] as const).every((group) => !marks.includes(group) || person.wishes.includes(group))
  );
}
