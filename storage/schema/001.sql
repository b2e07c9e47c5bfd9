-- SPDX-License-Identifier: Apache-2.0
-- Read by SQLite 3.40 and PostgreSQL 15 alike. Instants are milliseconds since 1970, UTC. `bytea` is
-- PostgreSQL's name for bytes; SQLite takes it as numeric affinity, which leaves blobs as they are.
-- A migration that has been released never changes: the next one gets the next number.

create table schema_version (
  version bigint primary key,
  applied_at bigint not null
);

create table programmes (
  id text not null,
  version bigint not null,
  definition text not null,
  primary key (id, version)
);

create table users (
  id text primary key,
  login text not null unique,
  password_hash text not null,
  title text not null,
  given_name text not null,
  family_name text not null,
  rpps text not null,
  profession text not null,
  mail_address text not null,
  mobile_phone text not null,
  territory text not null,
  active bigint not null,
  available bigint not null
);

create table memberships (
  programme text not null,
  role text not null,
  user_id text not null references users (id),
  place bigint not null,
  primary key (programme, role, user_id)
);
create index memberships_user on memberships (user_id, place);

create table sessions (
  token_hash text primary key,
  user_id text not null references users (id),
  created_at bigint not null,
  last_seen_at bigint not null,
  expires_at bigint not null
);
create index sessions_expiry on sessions (expires_at);

-- `body` is the state of the case that nothing is looked up by, without identity or clinical text;
-- the sealed columns hold those, and wrapped_key is all it takes to make them unreadable.
create table cases (
  id text primary key,
  number text not null unique,
  version bigint not null,
  state text not null,
  is_open bigint not null,
  programme text not null,
  requester text not null,
  expert text,
  submitted_at bigint not null,
  next_timer_kind text,
  next_timer_at bigint,
  audit_length bigint not null,
  audit_hash text not null,
  body text not null,
  wrapped_key bytea not null,
  sealed_request bytea not null,
  sealed_opinion bytea not null
);
create index cases_due on cases (next_timer_at, id) where next_timer_at is not null;
create index cases_load on cases (programme, expert) where is_open = 1;
create index cases_requester on cases (requester, submitted_at);
create index cases_expert on cases (expert, submitted_at);
create index cases_programme on cases (programme, submitted_at);
create index cases_submitted on cases (submitted_at);
create index cases_state on cases (state);

-- What was done already: a repeated request gets the answer of the first time. An event is written
-- before the case that it makes, so the reference is looked at when the transaction ends.
create table events (
  id text primary key,
  kind text not null,
  at bigint not null,
  case_id text not null references cases (id) deferrable initially deferred,
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
  hash text not null,
  primary key (chain, sequence)
);

-- Head of the chain that belongs to no case. Kept beside the entries, so that a chain cut short shows.
create table node_audit_head (
  chain text primary key,
  length bigint not null,
  hash text not null
);
insert into node_audit_head (chain, length, hash) values ('node', 0, '');

-- A message is held while claimed_until is not 0, and may be claimed again once that is past. `claims`
-- counts how often it was claimed: the lease token, so that a new holder makes the older tokens
-- worthless. `attempts` counts failed sendings.
create table outbox (
  id text primary key,
  case_id text not null references cases (id),
  kind text not null,
  sender text not null,
  recipient text not null,
  created_at bigint not null,
  state text not null,
  attempts bigint not null,
  next_attempt_at bigint not null,
  claims bigint not null,
  claimed_until bigint not null,
  last_reason text not null,
  sealed_mime bytea not null
);
-- Holds all that the search for the oldest message that is due looks at: while a mail server is down,
-- thousands wait for their next attempt. Counts the states too.
create index outbox_due on outbox (state, created_at, id, next_attempt_at, claimed_until);

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
