/**
 * Meeting Guide feeds: slices of real ones in three fellowships, and invented Norwegian rows for what feeds kept by hand do. What is expected was
 * worked out from the rows by hand.
 */
import { describe, expect, test } from 'vitest';
import { options, read, refused, slice, warned } from './lists/reading.ts';

const norway = options('meeting-guide');
const california = options('meeting-guide', { source: 'oc', zone: 'America/Los_Angeles' });

/** An invented meeting in Oslo, Tuesdays (2) at 19:00. */
const row = (change: Record<string, unknown> = {}) => ({
  name: 'Nytt håp',
  slug: 'nytt-hap',
  day: 2,
  time: '19:00',
  location: 'Frivilligsentralen',
  formatted_address: 'Storgata 12, 0184 Oslo, Norge',
  types: ['O'],
  ...change,
});
const one = (change: Record<string, unknown>, how = norway) => read(JSON.stringify([row(change)]), how);
const meeting = (change: Record<string, unknown>, how = norway) => one(change, how).accepted[0]!;

describe('a feed of the plugin', () => {
  const reading = read(slice('guide-orangecounty.json'), california);
  const bySlug = (slug: string) => reading.accepted.find(({ id }) => id === `oc-${slug}`)!;

  test('every row is accounted for', () => {
    expect([reading.rows, reading.accepted.length, reading.merged.length]).toEqual([19, 16, 1]);
    expect(reading.rejected.map(({ name, faults }) => [name, faults[0]!.reason])).toEqual([
      ['The Way Out Big Book Study', 'closed-for-now'],
      ["Women'", 'by-appointment'],
    ]);
    expect(reading.merged).toMatchObject([{ name: 'DRUNK BUSTERS', into: 'oc-drunk-busters' }]);
  });

  test.each([
    ['under-the-bridge-2', 3, '16:00', 60, 'open', [], false],
    ['step-study-grange-2', 5, '17:45', 60, 'open', ['beginners', 'wheelchair', 'young'], true],
    ['tal-como-lo-ve-ella-3', 6, '10:00', 90, 'open', ['women'], false],
    ['the-bonfire-meeting', 2, '19:30', 90, 'open', ['beginners', 'young'], false],
    ['do-it-sober-zoom-7', 5, '07:30', 60, 'open', [], true],
    ['womens-meeting', 7, '14:00', 90, 'closed', ['wheelchair', 'women'], false],
    ['5150-big-book-study', 7, '16:00', 90, 'unknown', [], false],
    // Over midnight.
    ['late-night-aa-meeting', 4, '23:00', 60, 'open', [], false],
    ['third-step-candlelight', 3, '22:30', 90, 'open', [], false],
  ])('%s is on day %i at %s for %i minutes, %s', (slug, weekday, time, minutes, openness, marks, online) => {
    const found = bySlug(slug);
    expect(found).toMatchObject({ weekday, time, minutes, openness, zone: 'America/Los_Angeles' });
    expect([...found.marks].toSorted()).toEqual([...marks].toSorted());
    expect(found.place === null).toBe(online);
  });

  test('both in a room and online', () => {
    expect(bySlug('here-and-now-laguna-beach')).toMatchObject({
      online: 'https://zoom.us/j/96206385083',
      place: {},
      openness: 'closed',
    });
  });

  test('a link that is not encrypted is left out, and the room stays', () => {
    expect(bySlug('6-am-foothill-early-risers-hybrid-4')).toMatchObject({ online: null, place: {} });
    expect(warned(reading)).toContain('link-not-https');
  });

  test('an address abroad is taken apart', () => {
    expect(bySlug('under-the-bridge-2').place).toMatchObject({
      address: '23401 El Toro Rd Ste 101',
      town: 'Lake Forest',
      postcode: '92630',
    });
  });

  test('the day somebody last touched it is told', () =>
    expect(bySlug('under-the-bridge-2').confirmed).toBe('2023-08-16'));
});

describe('another fellowship', () => {
  const reading = read(
    slice('guide-alanon.json'),
    options('meeting-guide', { fellowship: 'Al-Anon', zone: 'America/New_York' }),
  );
  const byName = (name: string) => reading.accepted.find((each) => each.name.includes(name))!;

  test('every row is accounted for', () => {
    expect([reading.rows, reading.accepted.length]).toEqual([10, 7]);
    expect(Object.values(refused(reading)).toSorted()).toEqual([
      'closed-for-now',
      'closed-for-now',
      'no-way-in',
    ]);
  });

  test('Y is Alateen there and no mark of ours; in AA it is young people', () => {
    expect(byName('Beverly Alateen').marks).toEqual([]);
    expect(meeting({ types: ['Y'] }).marks).toEqual(['young']);
    expect(meeting({ types: ['Y', 'BEG'] }, options('meeting-guide', { fellowship: 'NA' })).marks).toEqual([
      'beginners',
      'young',
    ]);
  });

  test('an unknown code is told once', () => {
    expect(reading.warnings.filter(({ reason }) => reason === 'unknown-type')).toMatchObject([
      { value: 'AC' },
    ]);
  });

  test('the room is closed, and the group meets online', () => {
    expect(byName('Monthly Business')).toMatchObject({
      place: null,
      online: expect.stringContaining('https://zoom.us/j/91837712858'),
    });
    expect(reading.warnings).toContainEqual(
      expect.objectContaining({
        reason: 'weeks-in-notes',
        name: '25021 Monthly Business Meeting District 21',
      }),
    );
  });

  test('a number to dial keeps its codes', () => {
    expect(byName('Sunday Night Serenity').phone).toBe('+95634342440,,95337045982#,,,,,#983969#');
  });

  test('entities are read', () => {
    expect(slice('guide-alanon.json')).toMatch(/&#?\w+;/);
    expect(
      JSON.stringify(reading.accepted.map(({ name, place, notes }) => [name, place, notes])),
    ).not.toMatch(/&#?\w+;/);
  });
});

test('a third feed comes in whole', () => {
  const reading = read(slice('guide-sussex.json'), options('meeting-guide', { zone: 'America/New_York' }));
  expect([reading.rows, reading.accepted.length]).toEqual([8, 8]);
  expect(reading.accepted.find(({ id }) => id === 'liste-last-call')).toMatchObject({
    weekday: 7,
    time: '23:00',
    minutes: 60,
  });
  expect(reading.accepted.find(({ id }) => id === 'liste-wake-up-call-step')).toMatchObject({
    place: null,
    online: expect.any(String),
  });
});

describe('edge cases of the reference client', () => {
  test('days as strings, no day, no way to find it', () => {
    const reading = read(slice('guide-edge-times.json'), norway);
    expect(reading.accepted.map(({ weekday }) => weekday)).toEqual([1, 6, 6, 6, 1, 7, 7]);
    expect(refused(reading)).toEqual({ 5: 'by-appointment', 9: 'no-point' });
  });
  test('by appointment', () =>
    expect(refused(read(slice('guide-edge-appointment.json'), norway))).toEqual({ 1: 'by-appointment' }));
  test('a town alone is no address', () => {
    expect(Object.values(refused(read(slice('guide-edge-timezones.json'), norway)))).toEqual([
      'no-address',
      'no-address',
    ]);
  });
});

describe('days, hours and points as people write them', () => {
  test.each([
    [0, [7]],
    [6, [6]],
    ['3', [3]],
    [[1], [1]],
    [
      ['1', 4],
      [1, 4],
    ],
    ['Tuesday', [2]],
    ['onsdag', [3]],
    ['Monday, Thursday', [1, 4]],
    ['1,4', [1, 4]],
  ])('day %j', (day, weekdays) => {
    expect(one({ day }).accepted.map(({ weekday }) => weekday)).toEqual(weekdays);
  });

  test.each([
    [7, 'day-unknown'],
    [-1, 'day-unknown'],
    ['snart', 'day-unknown'],
    [null, 'by-appointment'],
    ['', 'by-appointment'],
    [[], 'by-appointment'],
    [{ a: 1 }, 'by-appointment'],
  ])('day %j is refused', (day, reason) => expect(refused(one({ day }))).toEqual({ 1: reason }));

  test('one of two days that is none is refused alone', () => {
    const reading = one({ day: [2, 9] });
    expect([reading.rows, reading.accepted.length, refused(reading)]).toEqual([2, 1, { 1: 'day-unknown' }]);
  });

  test('each day of a row is a meeting with its own id', () => {
    expect(one({ day: [1, 3] }).accepted.map(({ id }) => id)).toEqual([
      'liste-nytt-hap-1',
      'liste-nytt-hap-3',
    ]);
    expect(one({ day: [1] }).accepted.map(({ id }) => id)).toEqual(['liste-nytt-hap']);
  });

  test.each([
    ['11:00 AM', '11:00'],
    ['7:00 pm', '19:00'],
    ['12:00 am', '00:00'],
    ['19.00', '19:00'],
    ['noon', '12:00'],
    ['midnight', '00:00'],
    ['19:00:00', '19:00'],
    [1930, '19:30'],
    ['7 p.m.', '19:00'],
    ['kl. 18.30', '18:30'],
  ])('time %j is %s', (time, shown) => expect(meeting({ time }).time).toBe(shown));

  test.each([
    ['25:00', 'time-unknown'],
    ['ettermiddag', 'time-unknown'],
    [null, 'time-missing'],
    ['', 'time-missing'],
  ])('time %j is refused', (time, reason) => expect(refused(one({ time }))).toEqual({ 1: reason }));

  test.each([
    [
      { latitude: '59.92', longitude: '10.75' },
      { lat: 59.92, lon: 10.75 },
    ],
    [
      { latitude: 59.92, longitude: 10.75 },
      { lat: 59.92, lon: 10.75 },
    ],
    [{ coordinates: '59.92,10.75' }, { lat: 59.92, lon: 10.75 }],
    [
      { latitude: null, longitude: null },
      { lat: 59.9143, lon: 10.753, approximate: true },
    ],
    [
      { latitude: 'nord', longitude: 'øst' },
      { lat: 59.9143, lon: 10.753, approximate: true },
    ],
    [
      { latitude: 59.92, longitude: 10.75, approximate: 'yes', attendance_option: 'in_person' },
      { approximate: true },
    ],
  ])('%j', (change, place) => expect(meeting(change).place).toMatchObject(place));
});

describe('places', () => {
  test('a Norwegian address with three parts is an address', () => {
    expect(meeting({}).place).toMatchObject({
      name: 'Frivilligsentralen',
      address: 'Storgata 12',
      postcode: '0184',
      town: 'Oslo',
    });
  });
  test('a point that is only about right, without any other way to take part, is no place to go', () => {
    expect(refused(one({ approximate: 'yes', latitude: 59.92, longitude: 10.75 }))).toEqual({
      1: 'no-address',
    });
  });
  test('in parts', () => {
    const parts = {
      formatted_address: null,
      address: 'Storgata 12',
      city: 'Oslo',
      postal_code: '0184',
      country: 'Norge',
    };
    expect(meeting(parts).place).toMatchObject({
      address: 'Storgata 12',
      postcode: '0184',
      town: 'Oslo',
      lat: 59.9143,
    });
  });
  test('without a postcode the town counts, unless there are two of its name', () => {
    expect(meeting({ formatted_address: 'Storgata 12, Kristiansand, Norge' }).place).toMatchObject({
      town: 'Kristiansand',
      approximate: true,
    });
    expect(refused(one({ formatted_address: 'Storgata 12, Vik' }))).toEqual({ 1: 'town-ambiguous' });
  });
  test('a Danish address is taken apart too', () => {
    const found = meeting({
      formatted_address: 'Vestergade 1, 5000 Odense, Danmark',
      latitude: 55.4,
      longitude: 10.4,
    });
    expect(found.place).toMatchObject({
      address: 'Vestergade 1',
      postcode: '5000',
      town: 'Odense',
      lat: 55.4,
    });
  });
  test('and a Swedish one', () => {
    const found = meeting({
      formatted_address: 'Storgatan 1, 111 22 Stockholm, Sverige',
      latitude: 59.3,
      longitude: 18.1,
    });
    expect(found.place).toMatchObject({ address: 'Storgatan 1', postcode: '111 22', town: 'Stockholm' });
  });
  test('a zone of its own', () => {
    expect(
      meeting({
        timezone: 'Europe/Stockholm',
        latitude: 59.3,
        longitude: 18.1,
        formatted_address: 'Storgatan 1, 111 22 Stockholm, Sverige',
      }).zone,
    ).toBe('Europe/Stockholm');
  });
});

describe('online', () => {
  const link = 'https://us02web.zoom.us/j/123';
  const nowhere = { formatted_address: 'Oslo, Norge', location: 'Nett', approximate: 'yes' };

  test('without ONL, by its link', () =>
    expect(meeting({ ...nowhere, conference_url: link })).toMatchObject({ place: null, online: link }));
  test('with an address it is both', () =>
    expect(meeting({ conference_url: link })).toMatchObject({ online: link, place: { town: 'Oslo' } }));
  test('closed for now with ONL', () => {
    expect(meeting({ types: ['TC', 'ONL'], conference_url: link })).toMatchObject({
      place: null,
      online: link,
    });
    expect(refused(one({ types: ['TC', 'ONL'] }))).toEqual({ 1: 'closed-for-now' });
  });
  test('what the feed says of attendance comes first', () => {
    expect(meeting({ attendance_option: 'in_person', conference_url: link }).online).toBeNull();
    expect(meeting({ attendance_option: 'online', conference_url: link }).place).toBeNull();
    expect(refused(one({ attendance_option: 'inactive', conference_url: link }))).toEqual({
      1: 'closed-for-now',
    });
  });
  test.each([
    ['http://zoom.us/j/1'],
    ['javascript:alert(1)'],
    ['https://user:pass@zoom.us/j/1'],
    ['https://zoom.us/ j/1'],
    ['https://localhost/j'],
  ])('%s is not opened', (conference_url) => {
    expect(refused(one({ ...nowhere, types: ['ONL'], conference_url }))).toEqual({ 1: 'no-way-in' });
  });
  test('a Norwegian number has eight digits', () => {
    expect(meeting({ ...nowhere, types: ['ONL'], conference_phone: '21 00 00 00' }).phone).toBe('21000000');
    expect(refused(one({ ...nowhere, types: ['ONL'], conference_phone: '12345' }))).toEqual({
      1: 'no-way-in',
    });
  });
});

describe('types', () => {
  test.each([
    ['O, BE', 'open', ['beginners']],
    [['Åpent møte', 'Kvinner', 'Rullestolvennlig'], 'open', ['wheelchair', 'women']],
    [['Closed', 'Men', 'Young People'], 'closed', ['young', 'men']],
    [['O', 'C'], 'closed', []],
    [['EN'], 'unknown', []],
    [['NB', 'D', 'A', null, 7], 'unknown', []],
    [null, 'unknown', []],
  ])('%j', (types, openness, marks) => {
    const found = meeting({ types });
    expect([found.openness, [...found.marks].toSorted()]).toEqual([openness, [...marks].toSorted()]);
  });
  test('NO is Norwegian and NB is not Bokmål', () => {
    expect(meeting({ types: ['NO'] }).languages).toEqual(['no']);
    expect(meeting({ types: ['NB'] }).languages).toBeUndefined();
  });
});

test('a touch in the future, or on no day, was none', () => {
  expect(meeting({ updated: '2027-01-01 10:00:00' }).confirmed).toBe('2026-11-22');
  expect(meeting({ updated: '2026-02-31', last_contact: '2026-01-05' }).confirmed).toBe('2026-01-05');
});

test('notes are decoded, the contact fields stay out', () => {
  const reading = one({
    notes: 'Bak kirka &amp;#8211; ring p&aring;.\n&lt;b&gt;Stengt p&aring; helligdager&lt;/b&gt;',
    contact_1_name: 'Kari Nordmann',
    contact_1_phone: '90529359',
    contact_1_email: 'kari@example.org',
    email: 'gruppe@example.org',
    phone: '+4790529359',
  });
  expect(reading.accepted[0]!.notes.nb).toBe('Bak kirka – ring på.\nStengt på helligdager');
  expect(reading.accepted[0]!.closedOnHolidays).toBe(true);
  expect(JSON.stringify(reading)).not.toMatch(/Nordmann|9052|example/);
});

describe('the wrappings of sheets', () => {
  const headings = ['Name', 'ID', 'Day', 'Start Time', 'Location Name', 'Full Address', 'Types'];
  const cells = [
    'Nytt håp',
    'nytt-hap',
    'Tuesday',
    '7:00 PM',
    'Frivilligsentralen',
    'Storgata 12, 0184 Oslo, Norge',
    'Open, Newcomer',
  ];
  const gviz = {
    table: {
      cols: headings.map((label) => ({ label })),
      rows: [{ c: cells.map((v, i) => (i === 3 ? { v: 'Date(1899,11,30,19,0,0)', f: '7:00 PM' } : { v })) }],
    },
  };
  test.each([
    [
      'an envelope',
      { meetings: [Object.fromEntries(headings.map((name, i) => [name, cells[i]]))], warnings: [] },
    ],
    ['rows under headings', [headings, cells, cells.map(() => '')]],
    ['the sheets interface', { range: 'A1:G2', majorDimension: 'ROWS', values: [headings, cells] }],
    [
      'the old feed',
      {
        feed: {
          entry: [
            Object.fromEntries(
              headings.map((name, i) => [`gsx$${name.toLowerCase().replace(/ /g, '')}`, { $t: cells[i] }]),
            ),
          ],
        },
      },
    ],
    ['the visualization answer', gviz],
  ])('%s', (_, wrapped) => {
    const reading = read(JSON.stringify(wrapped), norway);
    expect(reading.accepted).toMatchObject([
      {
        id: 'liste-nytt-hap',
        weekday: 2,
        time: '19:00',
        openness: 'open',
        marks: ['beginners'],
        place: { postcode: '0184' },
      },
    ]);
    expect(reading.rows).toBe(1);
  });
  test('JSONP', () => {
    const reading = read(`/*O_o*/\ngoogle.visualization.Query.setResponse(${JSON.stringify(gviz)});`, norway);
    expect(reading.accepted).toHaveLength(1);
  });
});
