-- Votes change a paper's row in place as long as its page has room.
alter table papers set (fillfactor = 90);
--> statement-breakpoint
-- Search reads these of many rows. Beside the row they are found three times as fast as in the table
-- of large values, where the abstract goes instead.
alter table papers alter column heading set storage main, alter column document set storage main;
--> statement-breakpoint
-- Nothing is chosen by the statistics of these, and to collect them takes long.
alter table papers
  alter column heading set statistics 0,
  alter column title set statistics 0,
  alter column authors set statistics 0,
  alter column summary set statistics 0,
  alter column abstract set statistics 0;
--> statement-breakpoint
-- Papers that match by an index, in no order, some of them if there are more than `most`. No other
-- plan is allowed: where the planner takes words for frequent that are not, as in phrases, it would
-- read all papers. Distances between words, which are not in the index, are left out of the query, so
-- that no more than `most` rows are looked at: the caller must check the rest.
create function papers_by_heading(query tsquery, most integer) returns setof integer
language sql stable
set enable_seqscan = off set enable_indexscan = off set enable_indexonlyscan = off
as $$
  select id from public.papers
  where heading @@ regexp_replace(query::text, '<(-|\d+)>', '&', 'g')::tsquery limit most
$$;
--> statement-breakpoint
create function papers_by_document(query tsquery, most integer) returns setof integer
language sql stable
set enable_seqscan = off set enable_indexscan = off set enable_indexonlyscan = off
as $$
  select id from public.papers
  where document @@ regexp_replace(query::text, '<(-|\d+)>', '&', 'g')::tsquery limit most
$$;
--> statement-breakpoint
-- The words of a paper that go on the list of words.
create function words_of(title text, authors text[]) returns setof text
language sql immutable parallel safe as $$
  select word from unnest(tsvector_to_array(to_tsvector(
    'simple', public.folded(title) || ' ' || public.folded_line(authors)))) as word
  where char_length(word) between 3 and 40
$$;
--> statement-breakpoint
-- In order, so that two statements that add the same words wait for each other in one direction only.
create function add_words() returns trigger language plpgsql as $$
begin
  insert into public.words (word)
  select distinct word from added, public.words_of(added.title, added.authors) as word
  order by word
  on conflict do nothing;
  return null;
end
$$;
--> statement-breakpoint
create function add_changed_words() returns trigger language plpgsql as $$
begin
  insert into public.words (word)
  select distinct word
  from added join removed using (id), public.words_of(added.title, added.authors) as word
  where (added.title, added.authors) is distinct from (removed.title, removed.authors)
  order by word
  on conflict do nothing;
  return null;
end
$$;
--> statement-breakpoint
create trigger papers_inserted after insert on papers
referencing new table as added for each statement execute function add_words();
--> statement-breakpoint
create trigger papers_updated after update on papers
referencing new table as added old table as removed
for each statement execute function add_changed_words();
--> statement-breakpoint
-- The words of the list that a mistyped word may have been, the most similar first. By the index: the
-- list is long.
create function similar_words(given text, most integer) returns setof text
language sql stable
set enable_seqscan = off
set pg_trgm.similarity_threshold = 0.4
as $$
  select word from public.words where word % given
  order by similarity(word, given) desc, word limit most
$$;
