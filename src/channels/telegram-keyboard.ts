/**
 * How buttons are laid out under a Telegram message. It exists because Telegram wants rows: a ruler's bare numbers stand
 * side by side, everything else has a row of its own, so that no label is ever cut.
 */
import type { InlineKeyboardButton } from 'grammy/types';
import type { Button } from '../core/decision.ts';

/** Six numbers still fit a thumb on a small phone. */
const longestRow = 6;

const isNumber = ({ label }: Button): boolean => /^\d{1,2}$/.test(label);

export function keyboardOf(buttons: readonly Button[]): InlineKeyboardButton[][] {
  const rows: Button[][] = [];
  for (const button of buttons) {
    const row = rows.at(-1);
    const joins = row && row.length < longestRow && [...row, button].every(isNumber);
    if (joins) row.push(button);
    else rows.push([button]);
  }
  return rows.map((row) =>
    row.map((button) =>
      'url' in button
        ? { text: button.label, url: button.url }
        : { text: button.label, callback_data: button.data },
    ),
  );
}
