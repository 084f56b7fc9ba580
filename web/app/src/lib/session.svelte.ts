//! One file, its recipe, and what is known of it.
import { namesAfter } from './columns.ts';
import { namesFor } from './command.ts';
import { engine } from './engine.svelte.ts';
import { exactly } from './exact.ts';
import { History } from './history.svelte.ts';
import { Job } from './job.svelte.ts';
import { shown } from './shown.svelte.ts';
import { looksLikeRecipe, recipeOf } from './parse.ts';
import { stepOf } from './place.ts';
import { filled } from './read.ts';
import { asItCame, documented, empty, said, type Read, type Recipe, type Step } from './recipe.ts';
import { figuresOf, type ColumnFigures, type Preview, type Report, type StepCounts } from './shapes.ts';
import { named, room, sweep } from './storage.ts';
import { toml } from './toml.ts';
import { troubleOf, type Trouble } from './trouble.ts';
import { BLOB, canPick, pick, wayFor, type Way } from './way.ts';

/** Rows of a preview. */
const SHOWN = 100;
/** Up to this size all there is to tell of a column is worked out, which takes twice the time. */
const ALL = 64e6;
/** Milliseconds of quiet after a change, before it is tried. */
const QUIET = 120;

export type View = 'rows' | 'columns' | 'steps' | 'home';

export interface Run {
  report: Report;
  json: string;
  /** The recipe's text that was run. */
  text: string;
  way: Way;
  name: string;
  output: Blob | undefined;
  rejects: Blob | undefined;
}

class Session {
  file: File | undefined = $state.raw();
  view: View = $state('rows');
  preview: Preview | undefined = $state.raw();
  /** The recipe was changed since, or cannot be run: the rows are older than it. */
  stale: boolean = $state(false);
  looking: boolean = $state(false);
  profile: Report | undefined = $state.raw();
  /** What the profile is of. */
  extent: 'draft' | 'partial' | 'whole' = $state('draft');
  job: Job | undefined = $state.raw();
  run: Run | undefined = $state.raw();
  /** A run was stopped, and nothing was written. */
  stopped: boolean = $state(false);
  trouble: Trouble | undefined = $state.raw();
  /** Why the recipe cannot be run. */
  mistake: Trouble | undefined = $state.raw();
  /** A recipe that came before its file. */
  waiting: string | undefined = $state();
  free: number | undefined = $state();
  readonly history = new History<Recipe>(empty);

  private clock: ReturnType<typeof setTimeout> | undefined;
  private trying: AbortController | undefined;

  get recipe(): Recipe {
    return this.history.now;
  }

  get header(): readonly string[] {
    return this.preview?.input.header ?? [];
  }

  /** What the profile says of each column. */
  readonly figures: readonly ColumnFigures[] = $derived(this.profile ? figuresOf(this.profile) : []);

  /** The steps that say something, which are those that the core counts. */
  readonly told: readonly Step[] = $derived(this.history.now.steps.filter(said));

  /** The recipe's text as it is run and saved: with all of how the file is read. */
  readonly text: string = $derived(toml(documented(this.history.now, this.preview ? filled(this.history.now.read, this.preview.input) : this.history.now.read)));

  readonly names = $derived(namesFor(this.file?.name ?? 'table.csv', (this.history.now.rest['write'] as { format?: unknown } | undefined)?.format));

  readonly way: Way = $derived(wayFor(this.file?.size ?? 0, canPick(), this.free));

  /** The step that the mistake is in. */
  readonly wrong: Step | undefined = $derived.by(() => {
    const number = this.mistake && stepOf(this.mistake.place);
    return number === undefined ? undefined : this.told[number - 1];
  });

  namesAt(index: number): readonly string[] {
    return namesAfter(this.header, this.recipe.steps.slice(0, index));
  }

  /** What a step did to the rows that are shown. */
  countsOf(step: Step): StepCounts | undefined {
    if (this.stale) return undefined;
    return this.preview?.steps[this.told.indexOf(step)];
  }

  /** A file that was dropped or chosen: data or a recipe. */
  async take(file: File): Promise<void> {
    this.trouble = undefined;
    let start = '';
    try {
      start = await file.slice(0, 4096).text();
    } catch (error) {
      this.trouble = { kind: 'io', place: file.name, found: String((error as Error).message ?? error), expected: '', hint: undefined };
      return;
    }
    if (looksLikeRecipe(file.name, start)) await this.takeRecipe(file);
    else await this.open(file);
  }

  private async takeRecipe(file: File): Promise<void> {
    try {
      const recipe = recipeOf(await file.text());
      if (this.file === undefined) {
        this.history.begin(recipe);
        this.waiting = file.name;
      } else {
        this.change(recipe);
      }
    } catch (error) {
      this.trouble = { kind: 'recipeFile', place: file.name, found: (error as Error).message, expected: '', hint: undefined };
    }
  }

  private async open(file: File): Promise<void> {
    // Another file dropped beside a recipe is the next one to be cleaned by it.
    const { steps, rest } = this.recipe;
    const again = this.file !== undefined && (steps.length > 0 || Object.keys(rest).length > 0);
    this.close(this.waiting !== undefined || again);
    if (again) this.history.set({ read: {}, steps, rest });
    this.waiting = undefined;
    this.file = file;
    this.view = 'rows';
    shown.begin();
    void room().then((free) => {
      this.free = free;
    });
    await this.look();
    if (this.file === file && this.preview !== undefined) void this.read();
  }

  /** Back to the start. */
  close(keepRecipe = false): void {
    this.job?.cancel();
    this.trying?.abort();
    clearTimeout(this.clock);
    this.job = undefined;
    this.file = undefined;
    this.preview = undefined;
    this.profile = undefined;
    this.run = undefined;
    this.stopped = false;
    this.trouble = undefined;
    this.mistake = undefined;
    this.stale = false;
    if (!keepRecipe) {
      this.history.begin(empty);
      this.waiting = undefined;
    }
    void sweep();
  }

  change(recipe: Recipe, what?: string): void {
    const before = this.recipe;
    this.history.set(recipe, what);
    this.follow(before);
  }

  steps(steps: readonly Step[], what?: string): void {
    if (steps !== this.recipe.steps) this.change({ ...this.recipe, steps }, what);
  }

  /** Says how the file is read; `undefined` leaves it to be detected. */
  stateRead(more: Partial<Read>): void {
    const read: Record<string, unknown> = { ...this.recipe.read, ...more };
    for (const name of Object.keys(read)) if (read[name] === undefined) delete read[name];
    this.change({ ...this.recipe, read: read as Read });
  }

  undo(): void {
    const before = this.recipe;
    this.history.undo();
    this.follow(before);
  }

  redo(): void {
    const before = this.recipe;
    this.history.redo();
    this.follow(before);
  }

  /** Tries the recipe after a change, and reads anew if the file is read in another way. */
  private follow(before: Recipe): void {
    if (this.recipe === before || this.file === undefined) return;
    const otherwise = JSON.stringify(this.recipe.read) !== JSON.stringify(before.read);
    clearTimeout(this.clock);
    if (otherwise) {
      this.profile = undefined;
      if (this.job?.kind === 'profile') this.job.cancel();
      void this.look().then(() => {
        if (this.preview !== undefined) return this.read();
      });
    } else this.clock = setTimeout(() => void this.look(), QUIET);
  }

  /** The first rows, by the recipe as it is. */
  async look(): Promise<void> {
    const { file, recipe } = this;
    if (file === undefined) return;
    this.trying?.abort();
    const trying = (this.trying = new AbortController());
    const { signal } = trying;
    const first = this.preview === undefined;
    const read = JSON.stringify(recipe.read);
    this.looking = true;
    const look = async (of: Recipe): Promise<Preview> => {
      const mill = await engine.start();
      const options = { recipe: toml(documented(of)), rows: SHOWN, signal };
      return (await mill.preview(file, options));
    };
    try {
      this.preview = await look(recipe);
      this.mistake = undefined;
      this.trouble = undefined;
      this.stale = false;
      this.readOf = read;
    } catch (error) {
      if (signal.aborted) return;
      const trouble = troubleOf(error);
      if (trouble.kind !== 'recipe') {
        this.trouble = trouble;
        return;
      }
      this.mistake = trouble;
      this.stale = true;
      if (!first && this.readOf === read) return;
      try {
        this.preview = await look(asItCame(recipe));
        this.readOf = read;
      } catch (worse) {
        if (!signal.aborted) this.trouble = troubleOf(worse);
      }
    } finally {
      if (this.trying === trying) this.looking = false;
    }
  }

  private readOf = '';

  /** Reads the whole file as it came, for the figures of its columns. */
  async read(): Promise<void> {
    const { file } = this;
    if (file === undefined) return;
    const recipe = toml(documented(asItCame(this.recipe)));
    if (this.job?.kind === 'run') return;
    this.job?.cancel();
    const job = (this.job = new Job('profile', file.size));
    const mine = (): boolean => this.job === job;
    try {
      const mill = await engine.start();
      const { json } = await mill.profile(file, {
        recipe,
        all: file.size <= ALL,
        signal: job.signal,
        onProgress: job.tell,
        onReport: (report) => {
          if (!mine()) return;
          this.profile = report;
          this.extent = 'draft';
        },
      });
      if (!mine()) return;
      this.profile = exactly<Report>(json);
      this.extent = this.profile.partial ? 'partial' : 'whole';
    } catch (error) {
      if (mine() && !job.signal.aborted) this.trouble = troubleOf(error);
      else if (mine() && this.profile !== undefined) this.extent = 'partial';
    } finally {
      if (mine()) this.job = undefined;
    }
  }

  /** Runs the recipe over the whole file. The person may be asked where to. */
  async save(): Promise<void> {
    const { file, way, names, text } = this;
    if (file === undefined) return;
    let handle: FileSystemFileHandle | undefined;
    if (way === 'disk') {
      // Only a click may ask, so this comes first.
      try {
        handle = await pick(names.rows);
      } catch (error) {
        this.trouble = troubleOf(error);
        return;
      }
      if (handle === undefined) return;
    }
    if (way === 'blob' && file.size > BLOB) return;
    const reading = this.job?.kind === 'profile' ? this.job : undefined;
    reading?.cancel();
    const job = (this.job = new Job('run', file.size));
    if (reading && this.profile !== undefined) this.extent = 'partial';
    this.run = undefined;
    this.stopped = false;
    this.trouble = undefined;
    await sweep();
    const aside = this.free === undefined ? ('blob' as const) : named();
    const sink = handle ?? (way === 'opfs' ? named() : ('blob' as const));
    try {
      const mill = await engine.start();
      const { report, output, rejects } = await mill.run(text, file, { sink, rejects: aside, signal: job.signal, onProgress: job.tell });
      if (this.job !== job) return;
      const shown = exactly<Report>(report.json);
      if (shown.partial) {
        this.stopped = true;
        return;
      }
      const name = handle?.name ?? names.rows;
      this.run = { report: shown, json: report.json, text, way, name, output: output ?? undefined, rejects: shown.rejects.count > 0 ? (rejects ?? undefined) : undefined };
    } catch (error) {
      if (this.job !== job) return;
      if (job.signal.aborted) this.stopped = true;
      else this.trouble = troubleOf(error);
    } finally {
      if (this.job === job) {
        this.job = undefined;
        // What the run interrupted goes on.
        if (reading) void this.read();
      }
    }
  }
}

export const session = new Session();
