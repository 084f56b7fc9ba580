//! Numbers, sizes, times and dates as a language writes them.

export interface Formats {
  count(value: number): string;
  /** A value of the data: years have no comma. */
  value(value: number): string;
  /** A figure with six digits. */
  figure(value: number): string;
  /** A share of 1. */
  percent(value: number): string;
  bytes(value: number): string;
  seconds(value: number): string;
  date(time: number): string;
}

const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];

export function formats(tag: string): Formats {
  const whole = new Intl.NumberFormat(tag, { maximumFractionDigits: 0 });
  const plain = new Intl.NumberFormat(tag, { maximumFractionDigits: 0, useGrouping: 'min2' });
  const six = new Intl.NumberFormat(tag, { maximumSignificantDigits: 6, useGrouping: 'min2' });
  const tiny = new Intl.NumberFormat(tag, { notation: 'scientific', maximumSignificantDigits: 6 });
  const shares = new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: 1 });
  const fine = new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: 2 });
  const sized = SIZES.map((unit) => {
    const short = (maximumFractionDigits: number): Intl.NumberFormat =>
      new Intl.NumberFormat(tag, { style: 'unit', unit, unitDisplay: unit === 'byte' ? 'long' : 'short', maximumFractionDigits });
    return [short(0), short(1)] as const;
  });
  const timed = (unit: string): Intl.NumberFormat => new Intl.NumberFormat(tag, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 0 });
  const [seconds, minutes, hours] = [timed('second'), timed('minute'), timed('hour')];
  const day = new Intl.DateTimeFormat(tag, { dateStyle: 'medium' });
  return {
    count: (value) => whole.format(value),
    value: (value) => plain.format(value),
    figure: (value) => (value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e15) ? tiny : six).format(value),
    percent: (value) => (value > 0 && value < 0.01 ? fine : shares).format(value),
    bytes(value) {
      const power = value < 1000 ? 0 : Math.min(SIZES.length - 1, Math.floor(Math.log10(value) / 3));
      const scaled = value / 1000 ** power;
      const [round, tenths] = sized[power] as readonly [Intl.NumberFormat, Intl.NumberFormat];
      return (power === 0 || scaled >= 100 ? round : tenths).format(scaled);
    },
    seconds(value) {
      if (value < 90) return seconds.format(Math.max(1, Math.ceil(value)));
      return value < 5400 ? minutes.format(Math.ceil(value / 60)) : hours.format(Math.ceil(value / 3600));
    },
    date: (time) => day.format(time),
  };
}
