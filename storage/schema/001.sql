-- SPDX-License-Identifier: Apache-2.0
-- Read by SQLite 3.40 and PostgreSQL 15 alike. Instants are milliseconds since 1970, UTC. `bytea` is
-- PostgreSQL's name for bytes; SQLite takes it as numeric affinity, which leaves blobs as they are.
-- A migration that has been released never changes: the next one gets the next number.

create table schema_version (
  version bigint primary key,
  applied_at bigint not null
);

-- What an association keeps on file stands here in its newest version; `revisions` has them all. Columns
-- beside the definition are what is looked up by.
create table programmes (
  id text primary key,
  version bigint not null,
  definition text not null
);

-- `profile` is all but the password's hash.
create table users (
  id text primary key,
  version bigint not null,
  login text not null unique,
  password_hash text not null,
  status text not null,
  mail_address text not null,
  profile text not null
);

create table memberships (
  programme text not null,
  role text not null,
  user_id text not null references users (id),
  primary key (programme, role, user_id)
);
create index memberships_user on memberships (user_id);

create table group_practices (
  id text primary key,
  version bigint not null,
  programme text not null,
  definition text not null
);
create index group_practices_programme on group_practices (programme);

create table lent_devices (
  id text primary key,
  version bigint not null,
  serial text not null unique,
  ae_title text not null default '',  -- empty: it sends nothing by DICOM
  definition text not null
);
create unique index lent_devices_ae_title on lent_devices (ae_title) where ae_title > '';

-- One-time codes that connect a device, and the token that it got for one: hashes. Gone once the device may
-- not send, or another holder has it.
create table device_pairings (
  device text primary key references lent_devices (id),
  code_hash text not null unique,
  expires_at bigint not null
);
create table device_tokens (
  device text primary key references lent_devices (id),
  token_hash text not null unique
);

-- Every version of the above, for ever: who changed what, and when.
create table revisions (
  kind text not null,
  id text not null,
  version bigint not null,
  at bigint not null,
  actor text not null,
  definition text not null,
  primary key (kind, id, version)
);

-- One-time codes of activation kits: one a person, gone once it is used.
create table activations (
  user_id text primary key references users (id),
  code_hash text not null,
  expires_at bigint not null
);

create table sessions (
  token_hash text primary key,
  user_id text not null references users (id),
  created_at bigint not null,
  last_seen_at bigint not null,
  expires_at bigint not null
);
create index sessions_expiry on sessions (expires_at);
create index sessions_user on sessions (user_id);

-- `body` is the state of the case that nothing is looked up by, with identity and clinical text only
-- sealed; wrapped_key is all it takes to make them unreadable, and is empty once that was done.
-- breach_at, answered_by, offers, declines and breached repeat members of the body: for look-ups, and so
-- that the next change knows what has been counted. breach_at is null before there is a promise.
-- wrapping_key names the master key that wrapped this one: its first 8 bytes in hex, empty with it.
-- rooted_length: how much of its audit chain the last root that names it has signed.
create table cases (
  id text primary key,
  number text not null unique,
  version bigint not null,
  state text not null,
  is_open bigint not null,
  programme text not null,
  requester text not null,
  expert text,
  answered_by text,
  submitted_at bigint not null,
  breach_at bigint,
  offers bigint not null,
  declines bigint not null,
  breached bigint not null,
  next_timer_kind text,
  next_timer_at bigint,
  audit_length bigint not null,
  audit_hash text not null,
  body text not null,
  wrapped_key bytea not null,
  wrapping_key text not null,
  sealed_request bytea not null,
  sealed_opinion bytea not null,
  rooted_length bigint not null default 0
);
-- An index that holds all that is asked of it answers without the rows. SQLite wants the column of a
-- partial index's condition in it for that.
create index cases_due on cases (next_timer_at, id, next_timer_kind) where next_timer_at is not null;
create index cases_contacts on cases (requester, answered_by) where answered_by is not null;
create index cases_programme on cases (programme, submitted_at desc, id);
create index cases_open on cases (programme, is_open, submitted_at desc, id) where is_open = 1;
create index cases_submitted on cases (submitted_at desc, id);
create index cases_wrapping on cases (wrapping_key, id) where wrapping_key > '';
create index cases_unrooted on cases (id) where audit_length > rooted_length;

-- Whose case it is, by keyed hashes of his identity (engine/core/patient_marks.h): nothing here can be
-- read back. Gone with the case's key.
create table patient_marks (
  mark text not null,
  case_id text not null references cases (id),
  primary key (mark, case_id)
);
create index patient_marks_case on patient_marks (case_id);

-- Patients who object to what goes beyond their care, by the same marks.
create table oppositions (
  mark text primary key,
  at bigint not null,
  actor text not null,
  detail text not null
);

-- Who has to do with a case. Side "requester": who asked it, and who may read its opinion for him.
-- Side "expert": everybody it was ever offered to, and who holds it. `stake`, while the case is open: 2
-- asked by name or holding it, 1 asked with the whole pool, otherwise 0. Programme and submitted_at are
-- those of the case. Made of the case at every commit; never the source of anything.
create table participants (
  case_id text not null references cases (id),
  person text not null,
  side text not null,
  stake bigint not null,
  programme text not null,
  submitted_at bigint not null,
  primary key (case_id, person, side)
);
create index participants_person on participants (person, side, submitted_at desc, case_id);
create index participants_stake on participants (person, case_id, stake) where stake > 0;

-- Every offer to one expert, in the programme that the case was in: how often each has been asked.
create table named_offers (
  programme text not null,
  offered_at bigint not null,
  expert text not null,
  case_id text not null references cases (id),
  place bigint not null,
  primary key (programme, offered_at, expert, case_id, place)
);

-- How much each expert has to do, counted when it changes: every case that is routed asks for it. Day -1:
-- open cases with stake 2; otherwise his named offers of that day (since 1970, UTC).
create table pool_load (
  programme text not null,
  day bigint not null,
  expert text not null,
  amount bigint not null,
  primary key (programme, day, expert)
);

-- What the metrics show is counted when it changes: they are asked for every few seconds. Names:
-- "state.queued", "event.offers", ...; of no programme (empty): "outbox.pending", ...
create table counters (
  programme text not null,
  name text not null,
  amount bigint not null,
  primary key (programme, name)
);
-- Open cases by the minute (since 1970) in which their promise ends; -1: none yet.
create table open_promises (
  programme text not null,
  breach_minute bigint not null,
  amount bigint not null,
  primary key (programme, breach_minute)
);

-- What was done already: a repeated request gets the answer of the first time. An event is written
-- before the case that it makes. case_id is no foreign key: to settle a deferred one, SQLite reads all
-- events at every new case.
create table events (
  id text primary key,
  kind text not null,
  at bigint not null,
  case_id text not null,
  case_version bigint not null,
  request_hash text not null,
  answer text not null
);

create table audit (
  chain text not null,
  sequence bigint not null,
  at bigint not null,
  actor text not null,
  action text not null,
  detail text not null,
  salt text not null,
  hash text not null,
  expired text not null default '',
  primary key (chain, sequence)
);
create index audit_traces on audit (at) where salt <> '';

-- Head of the chain that belongs to no case. Kept beside the entries, so that a chain cut short shows.
create table node_audit_head (
  chain text primary key,
  length bigint not null,
  hash text not null,
  rooted_length bigint not null default 0
);
insert into node_audit_head (chain, length, hash) values ('node', 0, '');

-- Signed roots over the heads of all chains. The document is kept until it has left the machine.
create table audit_roots (
  number bigint primary key,
  at bigint not null,
  hash text not null,
  chains bigint not null,
  exported_at bigint,
  document text not null
);

-- A message is held while claimed_until is not 0, and may be claimed again once that is past. `claims`
-- counts how often it was claimed: the lease token, so that a new holder makes the older tokens
-- worthless. `attempts` counts failed sendings. A message of no case has no case_id.
create table outbox (
  id text primary key,
  case_id text references cases (id),
  kind text not null,
  sender text not null,
  recipient text not null,
  created_at bigint not null,
  not_before bigint not null,
  state text not null,
  attempts bigint not null,
  next_attempt_at bigint not null,
  claims bigint not null,
  claimed_until bigint not null,
  last_reason text not null,
  sealed_mime bytea not null
);
-- Holds all that the search for the oldest message that is due looks at: at night, or while a mail
-- server is down, thousands wait for their next attempt.
create index outbox_due on outbox (state, created_at, id, next_attempt_at, claimed_until)
  where state = 'pending';

-- How far each mailbox has been read.
create table mailboxes (
  account text primary key,
  uid_validity bigint not null,
  last_uid bigint not null
);

-- Every mail that arrived, sealed byte for byte with a key of its own, and what became of it (verdict;
-- empty: nothing yet). wrapped_key and sealed are empty once its case is erased; the rest stays, so that
-- the mail is not taken in a second time. wrapping_key: as in `cases`. `sealed` comes last: what is large
-- is not read through for what stands behind it.
create table received_mails (
  id text primary key,
  account text not null,
  uid_validity bigint not null,
  uid bigint not null,
  received_at bigint not null,
  fingerprint text not null,
  verdict text not null,
  case_id text references cases (id),
  detail text not null,
  wrapping_key text not null,
  wrapped_key bytea not null,
  sealed bytea not null,
  unique (account, uid_validity, uid)
);
create index received_mails_verdict on received_mails (verdict, received_at, account, uid_validity, uid);
create index received_mails_order on received_mails (received_at, account, uid_validity, uid);
create index received_mails_fingerprint on received_mails (fingerprint);
create index received_mails_case on received_mails (case_id) where case_id is not null;
create index received_mails_wrapping on received_mails (wrapping_key, id) where wrapping_key > '';

-- Every exam that came without a request, and what became of it. Its marks (keyed hashes) find the one
-- that is there already. wrapping_key, and why `sealed` comes last: as in received_mails.
create table received_exams (
  id text primary key,
  device text not null,
  holder text not null,
  programme text not null,
  received_at bigint not null,
  state text not null,
  case_id text references cases (id),
  why text not null,
  reader text not null,
  size bigint not null,
  bytes_mark text not null,
  recording_mark text not null,
  object_id text not null,
  wrapping_key text not null,
  wrapped_key bytea not null,
  sealed_card bytea not null,
  sealed bytea not null,
  unique (holder, bytes_mark)
);
create unique index received_exams_recording on received_exams (holder, recording_mark)
  where recording_mark > '';
create index received_exams_tray on received_exams (holder, state, received_at);
create index received_exams_state on received_exams (state, received_at);
create index received_exams_device on received_exams (device, received_at);
create index received_exams_object on received_exams (device, object_id) where object_id > '';
create index received_exams_wrapping on received_exams (wrapping_key, id) where wrapping_key > '';

-- One act a role and case, whatever happens: nobody can be paid twice.
create table acts (
  case_id text not null references cases (id),
  role text not null,
  code text not null,
  professional text not null,
  care_date text not null,
  tariff_zone text not null,
  amount_cents bigint not null,
  billable bigint not null,
  refusal text not null,
  signed_at bigint not null,
  primary key (case_id, role)
);
create index acts_date on acts (care_date);
create index acts_professional on acts (professional, care_date);
