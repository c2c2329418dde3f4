#include "store/station_request.h"

#include "store/statement.h"

hub_status station_request_put(store *db, int64_t party, const char *station, const char *csr)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_text(&in, station);
	arg_text(&in, csr);
	return sql_do(db, "station_request_put", &in, NULL);
}

static void row(fetch *f, int i, void *ret)
{
	station_request *r = ret;
	r->party = get_i64(f->r, i, 0);
	r->id = get_i64(f->r, i, 1);
	r->station = fetch_text(f, i, 2);
	r->csr = fetch_text(f, i, 3);
}

hub_status station_request_take(store *db, arena *a, station_request *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	return sql_one(db, "station_request_take", &in, a, sizeof *ret, row, ret);
}

static void facts_row(fetch *f, int i, void *ret)
{
	station_facts *s = ret;
	s->operated_by = get_i64(f->r, i, 0);
	s->point = get_i64(f->r, i, 1);
	s->just_signed = get_bool(f->r, i, 2);
	s->point_serial = fetch_text(f, i, 3);
	s->box_serial = fetch_text(f, i, 4);
}

hub_status station_request_facts(store *db, const station_request *r, arena *a, station_facts *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, r->party);
	arg_text(&in, r->station);
	return sql_one(db, "station_request_facts", &in, a, sizeof *ret, facts_row, ret);
}

hub_status station_request_end(store *db, const station_request *r, const char *state, const char *cause,
			       const char *serial)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, r->party);
	arg_i64(&in, r->id);
	arg_text(&in, state);
	arg_text(&in, cause);
	arg_text(&in, serial);
	return sql_do(db, "station_request_end", &in, NULL);
}
