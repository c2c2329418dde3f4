#include "store/charging_place.h"

#include "store/statement.h"

static void place_row(fetch *f, int i, void *ret)
{
	charging_place *p = ret;
	p->charger = get_i64(f->r, i, 0);
	p->party = get_i64(f->r, i, 1);
	p->name = fetch_text(f, i, 2);
	p->operator_code = fetch_text(f, i, 3);
	p->operator_zh = fetch_text(f, i, 4);
	p->operator_en = fetch_text(f, i, 5);
	p->at.point = get_i64(f->r, i, 6);
	p->at.code = fetch_text(f, i, 7);
	p->at.channel = fetch_text(f, i, 8);
	p->power = get_value(f->r, i, 9);
	p->zh = fetch_text(f, i, 11);
	p->en = fetch_text(f, i, 12);
	p->area_zh = fetch_text(f, i, 13);
	p->area_en = fetch_text(f, i, 14);
	p->placed = !get_null(f->r, i, 15);
	p->lon = (int32_t)get_i64(f->r, i, 15);
	p->lat = (int32_t)get_i64(f->r, i, 16);
	p->tariff = fetch_text(f, i, 17);
}

static hub_status places(store *db, const char *name, uint64_t after, size_t limit, hub_time at, arena *a,
			 charging_place **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, name);
	arg_i64(&in, (int64_t)after);
	arg_i64(&in, (int64_t)limit);
	arg_time(&in, at);
	return sql_list(db, "charging_place_list", &in, a, sizeof **ret, place_row, ret, ret_count);
}

hub_status charging_place_list(store *db, uint64_t after, size_t limit, hub_time at, arena *a, charging_place **ret,
			       size_t *ret_count)
{
	return places(db, NULL, after, limit, at, a, ret, ret_count);
}

hub_status charging_place_of(store *db, const char *name, hub_time at, arena *a, charging_place **ret,
			     size_t *ret_count)
{
	return places(db, name, 0, 1, at, a, ret, ret_count);
}

static void area_row(fetch *f, int i, void *ret)
{
	charging_area *r = ret;
	r->code = fetch_text(f, i, 0);
	r->zh = fetch_text(f, i, 1);
	r->en = fetch_text(f, i, 2);
	r->geometry = fetch_text(f, i, 3);
}

hub_status charging_areas(store *db, hub_time at, arena *a, charging_area **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_time(&in, at);
	return sql_list(db, "charging_areas", &in, a, sizeof **ret, area_row, ret, ret_count);
}

static void card_row(fetch *f, int i, void *ret)
{
	charging_card *c = ret;
	c->tag = fetch_text(f, i, 0);
	c->account = fetch_text(f, i, 1);
	c->issuer = fetch_text(f, i, 2);
	c->tariff = fetch_text(f, i, 3);
	c->party = get_i64(f->r, i, 4);
}

hub_status charging_cards(store *db, int64_t holder, hub_time at, arena *a, charging_card **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, holder);
	arg_time(&in, at);
	return sql_list(db, "charging_cards", &in, a, sizeof **ret, card_row, ret, ret_count);
}
