import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { writeWhole } from '@clearmaps/files';
import { OutputError, UsageError } from './errors.ts';
import { readJson } from './read-json.ts';

interface SavedFile<R> {
  readonly work?: unknown;
  readonly results?: Readonly<Record<string, R>>;
}

/**
 * Results of long work by name, kept in a file after each, so that what was interrupted goes on where it stood. The
 * file says what the work was; another work's file is refused.
 */
export class SavedResults<R> {
  private constructor(
    private readonly path: string | undefined,
    private readonly work: unknown,
    private readonly results: Record<string, R>,
  ) {}

  /**
   * @param path undefined to keep nothing
   * @param work what decides the results, as plain JSON
   * @throws UsageError where the file cannot be read or belongs to another work
   */
  static async open<R>(path: string | undefined, work: unknown): Promise<SavedResults<R>> {
    if (path === undefined || !existsSync(path)) return new SavedResults<R>(path, work, {});
    const wanted = {
      asked: `--checkpoint ${path}`,
      allowed: 'a new file, or one that the same command wrote',
      remedy: 'Name another file, or delete this one to begin anew.',
    };
    const saved = (await readJson(path, wanted)) as SavedFile<R> | null;
    if (isDeepStrictEqual(saved?.work, JSON.parse(JSON.stringify(work))))
      return new SavedResults<R>(path, work, { ...saved!.results });
    throw new UsageError({
      ...wanted,
      got: `results of ${JSON.stringify(saved?.work ?? null).slice(0, 300)}`,
    });
  }

  /** What is saved under a name, or else what `make` gives, saved. @throws what `make` throws; OutputError */
  async get(name: string, make: () => Promise<R>): Promise<R> {
    if (Object.hasOwn(this.results, name)) return this.results[name]!;
    const result = await make();
    this.results[name] = result;
    if (this.path === undefined) return result;
    try {
      await writeWhole(this.path, JSON.stringify({ work: this.work, results: this.results }));
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      throw new OutputError({ asked: `to write ${this.path}`, got: code ?? message, cause });
    }
    return result;
  }
}
