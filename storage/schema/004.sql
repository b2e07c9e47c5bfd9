-- SPDX-License-Identifier: Apache-2.0
-- What an act rests on: the line of the tariffs, who pays, and the rules that were applied. Acts of before have
-- no line and no rules.
alter table acts add column tariff_id text not null default '';
alter table acts add column payer text not null default 'AMO';
alter table acts add column rules text not null default '';
