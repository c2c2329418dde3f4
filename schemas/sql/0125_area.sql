-- reference data: the outline of a place as the city draws it, for maps without tiles. GeoJSON's geometry object (RFC 7946),
-- a Polygon or MultiPolygon, longitude and latitude of WGS 84.
create table premise_outline (
	premise bigint primary key references premise,
	geometry text not null check (octet_length(geometry) between 1 and 262144),
	loaded timestamptz not null default now()
);
