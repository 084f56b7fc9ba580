// Large files with totals that are known by rule: a header, the same block of rows as often as it
// takes, and one last row that no other resembles.
import { open } from 'node:fs/promises';

const ROWS = 20_000;
const HEADER = 'id,group,amount,note\n';

/** Row `index` of a block. `amount` is in quarters, and every eleventh row has none. */
function row(index) {
  const quarters = ((index * 37) % 4001) - 2000;
  return { group: `g${index % 7}`, quarters: index % 11 === 10 ? undefined : quarters };
}

function decimal(quarters) {
  const size = Math.abs(quarters);
  return `${quarters < 0 ? '-' : ''}${Math.floor(size / 4)}.${['00', '25', '50', '75'][size % 4]}`;
}

function block() {
  let text = '';
  let quarters = 0;
  let missing = 0;
  for (let index = 0; index < ROWS; index += 1) {
    const { group, quarters: amount } = row(index);
    text += `${index},${group},${amount === undefined ? '' : decimal(amount)},"row ${index}, and\nits second line"\n`;
    if (amount === undefined) missing += 1;
    else quarters += amount;
  }
  return { bytes: Buffer.from(text), quarters, missing };
}

/**
 * Writes a file of at least `size` bytes and gives what is true of it: `bytes`, `rows`, and of the
 * column `amount` the exact `sum` as text, `missing`, and the greatest value, which stands in the last row.
 */
export async function generate(path, size) {
  const { bytes, quarters, missing } = block();
  const last = `${ROWS},end,987654.25,last\n`;
  const times = Math.ceil((size - HEADER.length - last.length) / bytes.length);
  const file = await open(path, 'w');
  try {
    await file.write(HEADER);
    for (let done = 0; done < times; done += 1) await file.write(bytes);
    await file.write(last);
  } finally {
    await file.close();
  }
  const total = BigInt(quarters) * BigInt(times) + 4n * 987_654n + 1n;
  return {
    bytes: HEADER.length + times * bytes.length + last.length,
    rows: times * ROWS + 1,
    sum: decimalOf(total),
    missing: times * missing,
    max: '987654.25',
    ids: ROWS + 1,
  };
}

/** A whole number of quarters, as short as it goes. */
function decimalOf(quarters) {
  const size = quarters < 0n ? -quarters : quarters;
  const fraction = ['', '.25', '.5', '.75'][Number(size % 4n)];
  return `${quarters < 0n ? '-' : ''}${size / 4n}${fraction}`;
}
