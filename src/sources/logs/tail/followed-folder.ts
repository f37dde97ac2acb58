// One folder of logs: which files appear in it and vanish, and which of them are followed.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { compareLogNames, type LogName, readLogName } from "../log-name.ts";
import { type FilePlace, FollowedFile } from "./followed-file.ts";
import { codeOf } from "./read-growth.ts";

/** What a follower knows about its time and its folders. */
export interface FollowRules {
  /** Epoch milliseconds; files that were last written long before are not read. */
  readonly since: number;
  /** Files that are there at the start are read from their beginning, not from their end. */
  readonly readsBack: boolean;
  readonly wants: FilePlace["wants"];
  /** Takes a new file that is not a log of lines. */
  readonly takeOther: (path: string, now: number) => void;
  /** Takes one line about a folder or file that changed its state. */
  readonly notice: (text: string) => void;
}

/** A folder is listed again after this time when it holds no log: a tree of logs has many others. */
const coldMs = 30_000;
/** The clocks of two machines may differ, and a file may be written to after its hour. */
const marginMs = 3_600_000;
/** A file is followed for this time after a later one of its series came. */
const afterRolloverMs = 120_000;
/** Files without a time in their name that are followed from the start: the newest of them. */
const undatedFollowed = 16;
const depthLimit = 8;
const foreignNamesKept = 8;
const statsAtOnce = 32;

/** A file that is not followed: written before the start, or not a log. */
type Unfollowed = "old" | "foreign";

interface SizedFile {
  readonly name: string;
  readonly size: number;
  /** Epoch milliseconds. */
  readonly changedAt: number;
}

export class FollowedFolder {
  readonly path: string;
  readonly #depth: number;
  readonly #rules: FollowRules;
  readonly #files = new Map<string, FollowedFile | Unfollowed>();
  readonly #gone = new Map<string, FollowedFile>();
  readonly #children = new Map<string, FollowedFolder>();
  readonly #foreignNames = new Set<string>();
  #isListed = false;
  #awayWith: string | null = null;
  #nextAt = 0;
  /** Epoch milliseconds of its first listing. */
  #listedSince: number | null = null;
  #isYoung = false;

  /** Its files came after the start, as the folder did. */
  readonly #isNew: boolean;

  constructor(path: string, rules: FollowRules, { depth = 0, isNew = false } = {}) {
    this.path = path;
    this.#depth = depth;
    this.#rules = rules;
    this.#isNew = isNew;
  }

  /** Files that are followed, of subfolders too. None of a folder that is away. */
  *followed(): Generator<FollowedFile> {
    if (this.#awayWith !== null) return;
    for (const file of this.#files.values()) if (typeof file !== "string") yield file;
    for (const child of this.#children.values()) yield* child.followed();
  }

  /** What the headers of foreign logs in it and below call them. */
  *foreignNames(): Generator<string> {
    yield* this.#foreignNames;
    for (const child of this.#children.values()) yield* child.foreignNames();
  }

  /** Makes the folder, its files and all below it due: for the last turn of a run. */
  makeDue(): void {
    this.#nextAt = 0;
    for (const file of this.#files.values()) if (typeof file !== "string") file.makeDue();
    for (const child of this.#children.values()) child.makeDue();
  }

  /** Lists the folder and those of its subfolders that are due. Never rejects. */
  async list(now: number): Promise<void> {
    if (now < this.#nextAt) return;
    this.#listedSince ??= now;
    const names = await this.#names();
    if (names === null) return;
    const isFirst = !this.#isListed;
    this.#isListed = true;
    this.#takeGone(new Set(names.files));
    const added = names.files.filter((name) => !this.#files.has(name));
    if (isFirst && !this.#isNew) await this.#takeFirst(added, now);
    else for (const name of added) this.#takeNew(name, now);
    await this.#listChildren(names.folders, now, this.#isNew || !isFirst);
    this.#retire(now);
    // The first log of a new folder may come a moment after the folder.
    this.#isYoung = this.#isNew && now - this.#listedSince < coldMs;
    this.#nextAt = this.#isHot() ? 0 : now + coldMs;
  }

  async #names(): Promise<{ readonly files: readonly string[]; readonly folders: readonly string[] } | null> {
    try {
      const entries = await readdir(this.path, { withFileTypes: true });
      if (this.#awayWith !== null)
        this.#rules.notice(
          `${JSON.stringify(this.path)} can be listed again; its logs are followed from where they were left.`,
        );
      this.#awayWith = null;
      return {
        files: entries.filter((entry) => entry.isFile()).map(({ name }) => name),
        folders: entries.filter((entry) => entry.isDirectory()).map(({ name }) => name),
      };
    } catch (error) {
      this.#leave(codeOf(error));
      return null;
    }
  }

  /** The folder cannot be listed: its files keep their places until it is back. */
  #leave(code: string): void {
    if (this.#awayWith === null)
      this.#rules.notice(
        `${JSON.stringify(this.path)} cannot be listed (${code}); its logs are followed again when it is back.`,
      );
    this.#awayWith = code;
    this.#nextAt = 0;
  }

  async #listChildren(names: readonly string[], now: number, areNew: boolean): Promise<void> {
    const present = new Set(names);
    for (const [name, child] of this.#children) if (!present.has(name)) child.#leave("ENOENT");
    for (const name of names) {
      if (this.#depth >= depthLimit) break;
      const child = this.#children.get(name) ?? this.#addChild(name, areNew);
      await child.list(now);
    }
  }

  #addChild(name: string, isNew: boolean): FollowedFolder {
    const child = new FollowedFolder(join(this.path, name), this.#rules, { depth: this.#depth + 1, isNew });
    this.#children.set(name, child);
    return child;
  }

  #takeGone(present: ReadonlySet<string>): void {
    for (const [name, file] of this.#files) {
      if (present.has(name)) continue;
      this.#files.delete(name);
      if (typeof file === "string" || file.kind === null || file.kind === "foreign") continue;
      this.#gone.set(name, file);
      if (!file.isRetired)
        this.#rules.notice(`${JSON.stringify(file.path)} is gone; what it got after its last reading is lost.`);
    }
  }

  /** A file that came after the start is read from its beginning; one that came back, from where it was left if it is the same. */
  #takeNew(name: string, now: number): void {
    const known = this.#gone.get(name);
    this.#gone.delete(name);
    this.#files.set(name, known ?? this.#follow(name, 0, now));
    known?.wake(now);
  }

  async #takeFirst(names: readonly string[], now: number): Promise<void> {
    const listed = names.map((name) => ({ name, logName: readLogName(name) }));
    for (const name of names) this.#files.set(name, "old");
    const dated = listed.filter(({ logName }) => logName.startsAt !== null);
    const newest = new Map(newestOfSeries(dated.map(({ logName }) => logName)).map((name) => [name.series, name]));
    // Several files of the newest hour may have a writer each.
    const isRecent = ({ logName: { series, startsAt, endsAt } }: { readonly logName: LogName }): boolean =>
      newest.get(series)?.startsAt === startsAt || (endsAt ?? 0) + marginMs >= this.#rules.since;
    const undated = await this.#sizes(listed.filter(({ logName }) => logName.startsAt === null));
    undated.sort((one, other) => other.changedAt - one.changedAt);
    const changed = undated.filter(
      ({ changedAt }, index) => index < undatedFollowed || changedAt + marginMs >= this.#rules.since,
    );
    for (const { name, size } of [...(await this.#sizes(dated.filter(isRecent))), ...changed]) {
      this.#files.set(name, this.#follow(name, this.#rules.readsBack ? 0 : size, now));
    }
  }

  async #sizes(files: readonly { readonly name: string }[]): Promise<SizedFile[]> {
    const found: SizedFile[] = [];
    for (let from = 0; from < files.length; from += statsAtOnce) {
      const some = files.slice(from, from + statsAtOnce);
      const answers = await Promise.allSettled(some.map(({ name }) => stat(join(this.path, name))));
      for (const [index, { name }] of some.entries()) {
        const answer = answers[index];
        // A file whose size cannot be read is followed from its beginning: its first reading says why it cannot.
        const { size, mtimeMs } = answer?.status === "fulfilled" ? answer.value : { size: 0, mtimeMs: 0 };
        found.push({ name, size, changedAt: mtimeMs });
      }
    }
    return found;
  }

  #follow(name: string, skippedTo: number, now: number): FollowedFile {
    return new FollowedFile({ path: join(this.path, name), name, skippedTo, wants: this.#rules.wants }, now);
  }

  /** Leaves files that a later one of their series has followed for two minutes. */
  #retire(now: number): void {
    const files = [...this.#files].filter((entry): entry is [string, FollowedFile] => typeof entry[1] !== "string");
    const newest = new Map(newestOfSeries(files.map(([, { name }]) => name)).map((name) => [name.series, name]));
    for (const [name, file] of files) {
      const latest = newest.get(file.name.series) ?? file.name;
      if (compareLogNames(latest, file.name) === 0 || now - file.grownAt <= afterRolloverMs) continue;
      file.isRetired = true;
      if ((latest.startsAt ?? 0) - (file.name.endsAt ?? 0) > marginMs) this.#files.set(name, "old");
    }
  }

  /** Leaves files that have proved to be no logs of lines, here and below. */
  leaveForeign(now: number): void {
    for (const [name, file] of this.#files) {
      if (typeof file === "string" || file.kind !== "foreign") continue;
      this.#files.set(name, "foreign");
      if (file.foreignName !== "" && this.#foreignNames.size < foreignNamesKept)
        this.#foreignNames.add(file.foreignName);
      if (file.isNew) this.#rules.takeOther(file.path, now);
    }
    for (const child of this.#children.values()) child.leaveForeign(now);
  }

  #isHot(): boolean {
    if (this.#depth === 0 || this.#isYoung) return true;
    for (const file of this.#files.values()) if (typeof file !== "string") return true;
    return [...this.#children.values()].some((child) => child.#isHot());
  }
}

/** The newest name of each series. */
function newestOfSeries(names: readonly LogName[]): readonly LogName[] {
  const newest = new Map<string, LogName>();
  for (const name of names) {
    const known = newest.get(name.series);
    if (known === undefined || compareLogNames(known, name) < 0) newest.set(name.series, name);
  }
  return [...newest.values()];
}
