// DuckDB-WASM, the build with exceptions and without threads, over a file of the page.
import { AsyncDuckDB, DuckDBDataProtocol, VoidLogger } from '@duckdb/duckdb-wasm';

const here = (name) => new URL(name, location.href).href;
let connection;

globalThis.duckdb = {
  async start() {
    const db = new AsyncDuckDB(new VoidLogger(), new Worker(here('/duckdb/duckdb-browser-eh.worker.js')));
    await db.instantiate(here('/duckdb/duckdb-eh.wasm'));
    const [file] = document.querySelector('input').files;
    await db.registerFileHandle('input.csv', file, DuckDBDataProtocol.BROWSER_FILEREADER, true);
    connection = await db.connect();
    return db.getVersion();
  },
  async query(sql) {
    const start = performance.now();
    const table = await connection.query(sql);
    const rows = table.toArray().map((row) => Object.fromEntries(Object.entries(row.toJSON()).map(([key, value]) => [key, String(value)])));
    return { rows, seconds: (performance.now() - start) / 1000 };
  },
};
