// SPDX-License-Identifier: Apache-2.0
// What the parts of a case's page are given.
import type { CaseContent, CaseFigures, CodedRequest, Command, Readable } from "./api_types";

export interface CaseContext {
  figures: CaseFigures;
  content?: CaseContent;
  coded?: CodedRequest;
  busy: boolean;
  may: (command: Command) => boolean;
  reads: (what: Readable) => boolean;
  /** Sends a command and loads the case again. A refusal is thrown: for forms that show it themselves. */
  run: (command: Command, json?: unknown, files?: readonly File[]) => Promise<void>;
  /** The same from a mere button: a refusal is shown on top of the page. */
  press: (command: Command) => void;
  /** Opens the form of this command in the page, or closes it. */
  compose: (command?: Command) => void;
  composing?: Command;
}

export const isOpen = (figures: CaseFigures): boolean =>
  ["incomplete", "redirected", "queued", "offered", "accepted", "waiting"].includes(figures.state);

/** An opinion that the requester has not opened yet. */
export const isUnread = (one: CaseFigures): boolean =>
  one.my_role === "requester" && (one.state === "answered" || one.state === "delivered") && !one.opened_at;

/** The expert's and the requester's next step, as far as the case waits for this reader. */
export function awaitsMe(one: CaseFigures): boolean {
  const may = (command: Command): boolean => one.actions.includes(command);
  if (one.pending_release_at) return false;
  const asked = may("accept") && one.state === "offered";
  const writing = one.my_role === "expert" && one.state === "accepted" && may("opinion");
  const toAnswer = one.my_role === "requester" && one.state === "waiting";
  const unfinished = may("complete") || may("resume");
  const undecided = may("wait") && !one.requester_waits;
  const alarmed = may("acknowledge") && one.urgent_alert;
  return asked || writing || toAnswer || unfinished || undecided || isUnread(one) || alarmed || may("follow-up-answer") || may("appointment") ||
    (may("outcome") && one.outcome_asked === true);
}

/** Answered, and only the requester's five answers are wanted. */
export const awaitsCloseOut = (one: CaseFigures): boolean =>
  one.actions.includes("close-out") && one.dialogue.close_out === 0 && !awaitsMe(one);

// A case without a promise yet waits for its requester: it stands before all others.
const dueAt = (one: CaseFigures): number => (one.promise ? Date.parse(one.promise.breach_at) : 0);
export const byDue = (a: CaseFigures, b: CaseFigures): number => dueAt(a) - dueAt(b);
/** What waits for the reader: alarms first, then by the time left. */
export const waiting = (cases: readonly CaseFigures[]): CaseFigures[] =>
  cases.filter(awaitsMe).sort((a, b) => Number(b.urgent_alert) - Number(a.urgent_alert) || byDue(a, b));
/** The next one that waits for the reader as an expert, besides this one. */
export const nextFor = (cases: readonly CaseFigures[], but: string): CaseFigures | undefined =>
  waiting(cases).find((one) => one.my_role === "expert" && one.id !== but);

let left = "";
/** Goes to the list from a case that is the reader's no more: it offers the next one. */
export function leaveWith(id: string): void {
  left = id;
  location.hash = "#/";
}
/** The case that leaveWith left, once. */
export function takeLeft(): string {
  const id = left;
  left = "";
  return id;
}

let wanted: { id: string; command: Command } | undefined;

/** Goes to a case's page, with the form of a command open. */
export function openWith(id: string, command?: Command): void {
  wanted = command ? { id, command } : undefined;
  location.hash = `#/cases/${id}`;
}
/** What openWith wanted of this case, once. */
export function takeWanted(id: string): Command | undefined {
  const command = wanted?.id === id ? wanted.command : undefined;
  wanted = undefined;
  return command;
}
