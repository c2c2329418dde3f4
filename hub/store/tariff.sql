-- :tariff_document_add
insert into tariff (code, valid_from, body) values ($1, $2, $3) on conflict (code, valid_from) do nothing

-- :tariff_document_same
select id from tariff where code = $1 and valid_from = $2 and body = $3

-- :tariff_document_at
select id, code, valid_from, body from tariff where code = $1 and valid_from <= $2 order by valid_from desc limit 1

-- :tariff_document_by_id
select id, code, valid_from, body from tariff where id = $1

-- :tariff_document_list
select id, code, valid_from, '' from tariff order by code, valid_from
