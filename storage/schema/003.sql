-- SPDX-License-Identifier: Apache-2.0
-- What experts keep to work with, and how much they take.

-- Phrases and templates of a person, one sealed document; bound to his id.
create table personal_texts (
  id text primary key references users (id),
  version bigint not null,
  sealed bytea not null
);

-- Appointments that an expert can offer inside an opinion. case_id: the case whose opinion offers it; null: free.
create table slots (
  id text primary key,
  expert text not null references users (id),
  starts_at bigint not null,
  place text not null,
  booking text not null,
  case_id text references cases (id)
);
create unique index slots_expert on slots (expert, starts_at);
create index slots_case on slots (case_id) where case_id is not null;

-- Side "expert": the instant of the offer that made the case his, asked by name or accepted; null: it is not.
-- Not known of what was taken before this version.
alter table participants add column taken_at bigint;
create index participants_taken on participants (taken_at, person) where taken_at is not null;
