/** A job whose groups do not fit into 256 MiB. */
export function groups() {
  const lines = ['key,value\n'];
  for (let at = 0; at < 2_200_000; at += 1) lines.push(`the key of group ${at},${at}\n`);
  return {
    recipe: 'tidemill = 1\n[[reduce]]\nname = "by"\nby = ["key"]\nvalues = ["rows", "sum(value)"]\n',
    bytes: Buffer.from(lines.join('')),
    options: { rows: false, rejects: false, profile: undefined, piece: 1 << 20 },
  };
}
