-- Similarity of words by their trigrams.
create extension if not exists pg_trgm;
--> statement-breakpoint
-- A text in the one form in which words are compared: lower case, without accents and ligatures.
-- The second half of the case is what is meant; the first is the same for ASCII, and quick.
create function folded(given text) returns text
language sql immutable strict parallel safe as $$
  select case
    when octet_length(given) = char_length(given) then lower(given)
    else translate(
      lower(regexp_replace(normalize(given, NFKD), '[\u0300-\u036f]', '', 'g')), 'łøđı', 'lodi')
  end
$$;
--> statement-breakpoint
-- Names on one line, folded. The longest list of authors is cut: a tsvector holds a megabyte at most.
create function folded_line(names text[]) returns text
language sql immutable strict parallel safe as $$
  select public.folded(left(array_to_string(names, ', '), 50000))
$$;
