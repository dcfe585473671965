/** The rows of buttons under a Telegram message. */
import { expect, test } from 'vitest';
import { keyboardOf } from '../src/channels/telegram-keyboard.ts';

const rows = (...labels: string[]) =>
  keyboardOf(labels.map((label) => ({ label, data: `w.${label}` }))).map((row) =>
    row.map(({ text }) => text),
  );

test('the numbers of a ruler stand side by side, six at most, and words alone', () => {
  const ruler = Array.from({ length: 11 }, (_, i) => String(i));
  expect(rows(...ruler, 'Vil ikke svare')).toEqual([ruler.slice(0, 6), ruler.slice(6), ['Vil ikke svare']]);
});

test('what merely begins with a number has a row of its own', () => {
  expect(rows('1. I morgen kl. 19.00', '2. Onsdag', 'AA', 'Ja')).toEqual([
    ['1. I morgen kl. 19.00'],
    ['2. Onsdag'],
    ['AA'],
    ['Ja'],
  ]);
});

test('a button keeps what it leads to', () => {
  const buttons = [
    { label: 'Vis på kart', url: 'https://example.org/' },
    { label: '7', data: 'w.o7' },
  ];
  expect(keyboardOf(buttons)).toEqual([
    [{ text: 'Vis på kart', url: 'https://example.org/' }],
    [{ text: '7', callback_data: 'w.o7' }],
  ]);
});
