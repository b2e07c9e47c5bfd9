// SPDX-License-Identifier: Apache-2.0
// Questions on their way: each stays sealed in the browser until the engine has acknowledged it, is sent
// again when the line is back, and counts once (its id is its Idempotency-Key).
import { ApiError } from "./api_error";
import type { CaseRequest, PhotoRole, Receipt, TrayPick } from "./api_types";
import { kDrafts, kFiles, kQuestions, type SealedStore } from "./sealed_store";

export interface KeptFile {
  key: string; // of its record
  name: string;
  type: string;
  role: PhotoRole;
  size: number; // bytes
}
/** A form as it was left. */
export interface Draft {
  caseId: string; // whose request is completed; empty: a new one
  programme: string;
  fields: [name: string, value: string][];
  files: KeptFile[];
  picks: TrayPick[];
  savedAt: number;
}
/** A form that its author has sent. */
export interface Question extends Draft {
  id: string;
  title: string; // for the reader of the list: the programme
  request: CaseRequest;
  keep: boolean; // may be kept unfinished
  uploads: string[]; // of the files so far, in order
  arrived: number; // bytes
  posted: boolean; // it may have reached the engine
  refusal: { code: string; text: string; field: string } | null;
}

/** "gone": it may have reached the engine; "occupied": another draft is in its place. */
export type Reopened = "open" | "gone" | "occupied";
export type Stage = "sending" | "waiting" | "refused";
export interface Queued {
  question: Question;
  stage: Stage;
}

/** What carries a question; that of the pages is the engine's API. */
export interface Wire {
  begin(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string>;
  offset(upload: string): Promise<number>;
  piece(upload: string, offset: number, bytes: Uint8Array<ArrayBuffer>): Promise<number>;
  end(upload: string): Promise<void>;
  ask(question: Question): Promise<Receipt>;
  /** A sentence for what the engine did not say itself: a file is not in the browser any more, or the
   *  page has failed. */
  words(what: "file_lost" | "page", name: string): string;
}
const kLeastPiece = 32 * 1024; // bytes; some seconds of the poorest line
const kFirstPiece = 128 * 1024;
const kMostPiece = 1024 * 1024;
const kQuick = 3_000; // ms for a piece: larger ones cost fewer turns
const kAskedAgain = [404, 409, 460]; // of a piece (docs/devices.md)
const kLock = "telavis-outbox";

/** One window sends at a time. */
function alone<T>(work: () => Promise<T>): Promise<T> {
  return globalThis.navigator?.locks ? navigator.locks.request(kLock, work) as Promise<T> : work();
}

export class Outbox extends EventTarget {
  private queue: Queued[] = [];
  private running?: Promise<void>;
  private again = false;
  private closed = false;
  private piece = kFirstPiece;
  private readonly outcomes = new Map<string, (outcome: Receipt | ApiError | undefined) => void>();

  constructor(readonly store: SealedStore, private readonly wire: Wire) {
    super();
  }
  get all(): readonly Queued[] {
    return this.queue;
  }
  get waits(): boolean {
    return this.queue.some(({ stage }) => stage !== "refused");
  }
  private tell(): void {
    this.dispatchEvent(new Event("change"));
  }

  /** Takes up what the last page left, or another window has changed. */
  async load(): Promise<void> {
    const questions: Question[] = [];
    for (const name of await this.store.names(kQuestions)) {
      const question = await this.store.getJson<Question>(name);
      if (question) questions.push(question);
    }
    questions.sort((a, b) => a.savedAt - b.savedAt);
    this.queue = questions.map((question) => ({ question, stage: question.refusal ? "refused" : "waiting" }));
    for (const [id, settle] of this.outcomes) {
      if (questions.some((one) => one.id === id)) continue;
      this.outcomes.delete(id);
      settle(undefined); // another window has sent it
    }
    this.tell();
  }

  /** What logging out would lose. */
  async unsent(): Promise<{ questions: number; drafts: number }> {
    return { questions: this.queue.length, drafts: (await this.store.names(kDrafts)).length };
  }
  /** Durable in the browser when it resolves; then it goes by itself. */
  async add(question: Question): Promise<void> {
    await this.save(question);
    this.queue = [...this.queue, { question, stage: "waiting" }];
    this.tell();
  }
  /** What became of a question: resolves once the engine has it (undefined: another window sent it),
   *  rejects with its refusal; however long the line is away. */
  outcome(id: string): Promise<Receipt | undefined> {
    return new Promise((resolve, reject) => {
      this.outcomes.set(id, (outcome) => (outcome instanceof ApiError ? reject(outcome) : resolve(outcome)));
    });
  }
  /** Sends all that waits, one after the other; a call while it does so makes another turn. */
  run(): Promise<void> {
    this.again = this.running !== undefined;
    this.running ??= this.turns().finally(() => (this.running = undefined));
    return this.running;
  }
  close(): void {
    this.closed = true;
  }

  /** A refused question, or one that has certainly not left, becomes a draft again, where there is none. */
  reopen(id: string): Promise<Reopened> {
    return alone(async () => {
      const question = await this.store.getJson<Question>(kQuestions + id);
      if (!question || (question.posted && !question.refusal)) return "gone";
      if ((await this.store.names(draftName(question.caseId))).length > 0) return "occupied";
      const { caseId, programme, fields, files, picks } = question;
      const draft: Draft = { caseId, programme, fields, files, picks, savedAt: Date.now() };
      await this.store.putJson(draftName(caseId), draft);
      await this.forget(question, false);
      this.settle(id, new ApiError("reopened", ""));
      return "open";
    });
  }
  async discard({ question }: Queued): Promise<void> {
    await alone(() => this.forget(question, true));
  }

  private async turns(): Promise<void> {
    do {
      this.again = false;
      await alone(async () => {
        await this.load();
        for (const one of this.queue) {
          if (this.closed) return;
          if (one.stage === "waiting" && !(await this.send(one))) return;
        }
      });
    } while (this.again && !this.closed);
  }

  /** False: the line is away. */
  private async send(one: Queued): Promise<boolean> {
    const { question } = one;
    this.enter(one, "sending");
    try {
      const receipt = await this.carry(question);
      await this.forget(question, true);
      this.settle(question.id, receipt);
      this.dispatchEvent(new CustomEvent("sent", { detail: { question, receipt } }));
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.passes) {
        this.piece = Math.max(kLeastPiece, this.piece / 2);
        this.enter(one, "waiting");
        return false;
      }
      const refused = error instanceof ApiError ? error : new ApiError("page", this.wire.words("page", ""), "", 400);
      question.refusal = { code: refused.code, text: refused.message, field: refused.field };
      await this.save(question);
      this.enter(one, "refused");
      this.settle(question.id, refused);
      return true;
    }
  }

  private async carry(question: Question): Promise<Receipt> {
    for (let n = 0; n < question.files.length; n++) await this.carryFile(question, n);
    question.posted = true;
    await this.save(question);
    try {
      return await this.wire.ask(question);
    } catch (error) {
      // Kept by the engine for a day only: they go once more, and the question is still the same.
      const gone = error instanceof ApiError && error.status === 404 && question.uploads.length > 0 && !question.caseId;
      if (!gone) throw error;
      question.uploads = [];
      for (let n = 0; n < question.files.length; n++) await this.carryFile(question, n);
      return this.wire.ask(question);
    }
  }

  private async carryFile(question: Question, n: number): Promise<void> {
    const file = question.files[n]!;
    const bytes = await this.store.get(kFiles + file.key);
    if (!bytes) throw new ApiError("file_lost", this.wire.words("file_lost", file.name), "", 422);
    const before = question.files.slice(0, n).reduce((sum, { size }) => sum + size, 0);
    let offset = await this.resumed(question, n);
    if (offset === undefined) {
      question.uploads[n] = await this.wire.begin(file.name, bytes);
      await this.save(question);
      offset = 0;
    }
    while (offset < bytes.length) {
      this.arrived(question, before + offset);
      const since = Date.now();
      offset = await this.pieceAt(question.uploads[n]!, offset, bytes);
      if (Date.now() - since < kQuick) this.piece = Math.min(kMostPiece, this.piece * 2);
    }
    this.arrived(question, before + offset);
  }
  private async pieceAt(upload: string, offset: number, bytes: Uint8Array<ArrayBuffer>): Promise<number> {
    try {
      return await this.wire.piece(upload, offset, bytes.slice(offset, offset + this.piece));
    } catch (error) {
      // Another one is still being written, it arrived changed, or its time is over: the next turn asks how far it is.
      const later = error instanceof ApiError && kAskedAgain.includes(error.status);
      throw later ? new ApiError(error.code, error.message) : error;
    }
  }
  /** Where to go on; undefined: from the beginning. */
  private async resumed(question: Question, n: number): Promise<number | undefined> {
    const upload = question.uploads[n];
    if (!upload) return undefined;
    try {
      return await this.wire.offset(upload);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  private arrived(question: Question, bytes: number): void {
    question.arrived = bytes;
    this.tell();
  }
  private enter(one: Queued, stage: Stage): void {
    one.stage = stage;
    this.tell();
  }
  private settle(id: string, outcome: Receipt | ApiError): void {
    this.outcomes.get(id)?.(outcome);
    this.outcomes.delete(id);
  }
  private save(question: Question): Promise<void> {
    return this.store.putJson(kQuestions + question.id, question);
  }
  private async forget(question: Question, files: boolean): Promise<void> {
    await this.store.remove(kQuestions + question.id);
    // One that could not be ended is gone after a day.
    for (const id of question.uploads) void this.wire.end(id).catch(() => undefined);
    if (files) for (const { key } of question.files) await this.store.remove(kFiles + key);
    this.queue = this.queue.filter((one) => one.question.id !== question.id);
    this.tell();
  }
}

export const draftName = (caseId: string): string => kDrafts + (caseId || "new");
