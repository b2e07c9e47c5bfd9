-- SPDX-License-Identifier: Apache-2.0
-- The accounts of an association: written once, never changed.

create table ledger_entries (
  book text not null,
  number bigint not null check (number > 0),
  journal text not null,
  date text not null,
  piece text not null,
  label text not null,
  reverses bigint,
  at bigint not null,
  actor text not null,
  primary key (book, number),
  unique (book, journal, piece),
  unique (book, reverses),
  foreign key (book, reverses) references ledger_entries (book, number)
);
create index ledger_entries_date on ledger_entries (book, date);

-- Each movement has both of its sides, so that the ledger balances whatever is written.
create table ledger_movements (
  book text not null,
  entry bigint not null,
  place bigint not null,
  debit text not null check (debit > ''),
  debit_auxiliary text not null,
  credit text not null check (credit > ''),
  credit_auxiliary text not null,
  cents bigint not null check (cents > 0),
  primary key (book, entry, place),
  check (debit <> credit or debit_auxiliary <> credit_auxiliary),
  foreign key (book, entry) references ledger_entries (book, number)
);

-- Nothing is posted into a month that is not after the last one of its book.
create table closed_months (
  book text not null,
  month text not null,
  at bigint not null,
  actor text not null,
  primary key (book, month)
);

create table export_batches (
  id text primary key,
  book text not null,
  kind text not null,
  from_date text not null,
  to_date text not null,
  content_hash text not null,
  made_at bigint not null,
  made_by text not null,
  cancelled_at bigint,
  cancelled_by text not null,
  cancel_reason text not null
);
create index export_batches_book on export_batches (book, made_at desc);

-- live: 1 until the batch is cancelled. An act is in one live batch, whoever makes them.
create table batch_acts (
  batch text not null references export_batches (id),
  case_id text not null,
  role text not null,
  live bigint not null,
  primary key (batch, case_id, role),
  foreign key (case_id, role) references acts (case_id, role)
);
create unique index batch_acts_live on batch_acts (case_id, role) where live = 1;

create table statement_numbers (
  book text not null,
  number bigint not null check (number > 0),
  professional text not null,
  from_date text not null,
  to_date text not null,
  content_hash text not null,
  at bigint not null,
  primary key (book, number),
  unique (book, professional, from_date, to_date, content_hash)
);
