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
  return asked || writing || toAnswer || unfinished || undecided || isUnread(one) || alarmed || may("follow-up-answer") || may("appointment");
}

/** Answered, and only the requester's five answers are wanted. */
export const awaitsCloseOut = (one: CaseFigures): boolean =>
  one.actions.includes("close-out") && one.dialogue.close_out === 0 && !awaitsMe(one);


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
