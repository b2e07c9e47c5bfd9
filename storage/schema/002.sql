-- SPDX-License-Identifier: Apache-2.0
-- Who comes in: the second factor, the ways back in, sessions that are known to their owner, failed attempts.

-- Seed of a person's one-time codes, wrapped as a case's key is (wrapping_key: as in `cases`), and the newest
-- time step whose code was taken. `id` is the person's.
create table second_factors (
  id text primary key references users (id),
  enrolled_at bigint not null,
  last_step bigint not null,
  wrapping_key text not null,
  wrapped_key bytea not null
);
create index second_factors_wrapping on second_factors (wrapping_key, id) where wrapping_key > '';

-- Single-use codes in place of a lost device: keyed hashes, gone once used.
create table recovery_codes (
  user_id text not null references users (id),
  code_hash text not null,
  primary key (user_id, code_hash)
);

-- The code that was mailed to somebody who is locked out: one a person, a keyed hash, gone once it is used or
-- its tries are.
create table access_codes (
  user_id text primary key references users (id),
  code_hash text not null,
  expires_at bigint not null,
  tries_left bigint not null
);

-- second_factor_at: null as long as the password alone was given. proposed_factor: the seed that is being
-- enrolled in this session, wrapped; empty otherwise. Sessions from before end: nobody has given a second
-- factor in them.
drop table sessions;
create table sessions (
  token_hash text primary key,
  user_id text not null references users (id),
  created_at bigint not null,
  last_seen_at bigint not null,
  expires_at bigint not null,
  second_factor_at bigint,
  browser text not null,
  proposed_factor bytea not null
);
create index sessions_expiry on sessions (expires_at);
create index sessions_user on sessions (user_id, created_at desc);

-- Attempts that count as failed until they have succeeded, by a keyed hash of what was tried and from where.
create table attempts (
  mark text not null,
  at bigint not null
);
create index attempts_mark on attempts (mark, at);
create index attempts_at on attempts (at);
