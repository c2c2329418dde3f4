#include "store/series_quality.h"

#include "model/quantity.h"
#include "store/statement.h"

hub_status series_lateness(store *db, const int64_t *receipts, size_t count, series_late *ret)
{
	AUTO_ARGS in;
	AUTO_RESULT res = NULL;
	args_init(&in);
	arg_i64s(&in, receipts, count);
	*ret = (series_late){ .known = false };
	if (!count)
		return HUB_OK;
	hub_status st = sql_run(db, "series_lateness", &in, &res, NULL);
	if (st == HUB_OK && PQntuples(res) && !get_null(res, 0, 0))
		*ret = (series_late){ true, get_i64(res, 0, 0), get_i64(res, 0, 1) };
	return st;
}

static void row(fetch *f, int i, void *ret)
{
	series_whole *w = ret;
	w->party = fetch_text(f, i, 0);
	w->commodity = fetch_text(f, i, 1);
	w->points = get_i64(f->r, i, 2);
	w->expected = get_i64(f->r, i, 3);
	w->present = get_i64(f->r, i, 4);
}

hub_status series_wholeness(store *db, int64_t party, hub_time from, hub_time to, arena *a, series_whole **ret, size_t *ret_count)
{
	static const char *const names[] = { "active_energy_import", "active_energy_total", "water_volume", "gas_volume",
					     "gas_volume_standard", "heat_energy", "cold_energy", "ev_energy" };
	uint16_t numbers[sizeof names / sizeof *names];
	AUTO_ARGS in;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const quantity *q = quantity_find(names[i]);
		if (!q)
			return HUB_FAILED;
		numbers[i] = q->number;
	}
	args_init(&in);
	arg_i64(&in, party);
	arg_time(&in, from);
	arg_time(&in, to);
	arg_u16s(&in, numbers, sizeof numbers / sizeof *numbers);
	return sql_list(db, "series_wholeness", &in, a, sizeof **ret, row, ret, ret_count);
}
