#include "store/consent.h"

#include <string.h>

#include "store/epoch.h"
#include "store/statement.h"

const char *const consent_grain_names[CONSENT_GRAINS] = { "raw", "15min", "hour", "day", "month" };

/* µs */
static const int64_t grain_lengths[CONSENT_GRAINS] = { 0, 900, 3600, 86400, 28 * 86400 };

bool consent_grain_parse(const char *text, consent_grain *ret)
{
	for (int i = 0; i < CONSENT_GRAINS; i++)
		if (!strcmp(text, consent_grain_names[i])) {
			*ret = (consent_grain)i;
			return true;
		}
	return false;
}

consent_grain consent_grain_of(int64_t seconds)
{
	int i = CONSENT_GRAINS - 1;
	while (i > 0 && seconds < grain_lengths[i])
		i--;
	return (consent_grain)i;
}

const char *consent_state(const consent *c, hub_time now)
{
	if (c->withdrawn)
		return "withdrawn";
	if (c->valid_to && now >= c->valid_to)
		return "expired";
	if (c->lapsed)
		return "lapsed";
	return now < c->valid_from ? "pending" : "active";
}

bool consent_covers(const consent_line *l, const char *commodity, consent_grain grain, hub_time start, hub_time time)
{
	return (!l->commodity[0] || !strcmp(l->commodity, commodity)) && grain >= l->grain &&
	       (!l->data_from || start >= l->data_from) && (!l->data_to || time <= l->data_to);
}

hub_status consent_number(store *db, uint64_t *ret)
{
	int64_t id;
	hub_status st = sql_number(db, "consent_number", NULL, &id, NULL);
	if (st == HUB_OK)
		*ret = (uint64_t)id;
	return st;
}

static void arg_digest(args *in, const uint8_t *bytes)
{
	if (bytes)
		arg_bytes(in, bytes, 32);
	else
		arg_null(in, OID_BYTEA);
}

hub_status consent_add(store *db, const consent *c, const uint8_t *key, const uint8_t *request, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, (int64_t)c->id);
	arg_i64(&in, c->point);
	arg_i64(&in, c->grantor);
	arg_i64(&in, c->grantee);
	arg_text(&in, c->commodity);
	arg_i16(&in, (int16_t)c->grain);
	arg_text(&in, c->purpose);
	arg_time(&in, c->valid_from);
	arg_to(&in, c->valid_to);
	arg_from(&in, c->data_from);
	arg_to(&in, c->data_to);
	arg_time(&in, c->granted);
	arg_text(&in, c->by);
	arg_text(&in, c->text_zh);
	arg_text(&in, c->text_en);
	arg_digest(&in, c->digest);
	arg_digest(&in, key);
	arg_digest(&in, request);
	hub_status st = store_scope(db);
	if (st != HUB_OK)
		return st;
	st = sql_do(db, "consent_add", &in, fault);
	if (st == HUB_OK)
		st = epoch_bump(db, "consent");
	return store_scope_end(db, st);
}

static void row(fetch *f, int i, void *ret)
{
	consent *c = ret;
	size_t len;
	*c = (consent){ .id = (uint64_t)get_i64(f->r, i, 0),
			 .point = get_i64(f->r, i, 1),
			 .grantor = get_i64(f->r, i, 2),
			 .grantee = get_i64(f->r, i, 3),
			 .commodity = fetch_text(f, i, 4),
			 .grain = (consent_grain)get_i64(f->r, i, 5),
			 .purpose = fetch_text(f, i, 6),
			 .valid_from = get_time(f->r, i, 7),
			 .valid_to = get_time(f->r, i, 8),
			 .data_from = get_time(f->r, i, 9),
			 .data_to = get_time(f->r, i, 10),
			 .granted = get_time(f->r, i, 11),
			 .by = fetch_text(f, i, 12),
			 .withdrawn = get_null(f->r, i, 13) ? 0 : get_time(f->r, i, 13),
			 .withdrawn_by = fetch_text(f, i, 14),
			 .text_zh = fetch_text(f, i, 15),
			 .text_en = fetch_text(f, i, 16),
			 .point_code = fetch_text(f, i, 18),
			 .grantor_code = fetch_text(f, i, 19),
			 .grantee_code = fetch_text(f, i, 20),
			 .lapsed = get_bool(f->r, i, 21) };
	const uint8_t *digest = get_bytes(f->r, i, 17, &len);
	memcpy(c->digest, digest, len < sizeof c->digest ? len : sizeof c->digest);
}

typedef struct keyed {
	consent consent;
	bool same;
} keyed;

static void keyed_row(fetch *f, int i, void *ret)
{
	keyed *k = ret;
	row(f, i, &k->consent);
	k->same = get_bool(f->r, i, 22);
}

hub_status consent_by_key(store *db, int64_t point, int64_t grantor, const uint8_t *key, const uint8_t *request,
			  arena *a, consent *ret, bool *ret_same)
{
	AUTO_ARGS in;
	keyed k;
	args_init(&in);
	arg_i64(&in, point);
	arg_i64(&in, grantor);
	arg_digest(&in, key);
	arg_digest(&in, request);
	hub_status st = sql_one(db, "consent_by_key", &in, a, sizeof k, keyed_row, &k);
	if (st == HUB_OK) {
		*ret = k.consent;
		*ret_same = k.same;
	}
	return st;
}

hub_status consent_by_id(store *db, uint64_t id, arena *a, consent *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, (int64_t)id);
	return sql_one(db, "consent_by_id", &in, a, sizeof *ret, row, ret);
}

hub_status consent_list(store *db, const consent_filter *f, uint64_t before, size_t limit, arena *a, consent **ret,
			size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, f->grantor);
	arg_i64(&in, f->grantee);
	arg_i64(&in, f->point);
	arg_i64(&in, f->party);
	arg_i64(&in, (int64_t)before);
	arg_bool(&in, f->active);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "consent_list", &in, a, sizeof **ret, row, ret, ret_count);
}

static hub_status finish(store *db, const args *in, const args *id, bool *ret_changed)
{
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "consent_withdraw", in, &res, NULL);
	if (st != HUB_OK)
		return st;
	int64_t known;
	*ret_changed = sql_rows(res) > 0;
	if (!*ret_changed) /* ended already, or not there */
		return sql_number(db, "consent_known", id, &known, NULL);
	return epoch_bump(db, "consent");
}

hub_status consent_withdraw(store *db, uint64_t id, const char *by, bool *ret_changed)
{
	AUTO_ARGS in, number;
	args_init(&in);
	args_init(&number);
	arg_i64(&in, (int64_t)id);
	arg_text(&in, by);
	arg_i64(&number, (int64_t)id);
	hub_status st = store_scope(db);
	return st == HUB_OK ? store_scope_end(db, finish(db, &in, &number, ret_changed)) : st;
}

static void line_row(fetch *f, int i, void *ret)
{
	*(consent_line *)ret = (consent_line){ (uint64_t)get_i64(f->r, i, 0), get_i64(f->r, i, 1),
						fetch_text(f, i, 2),	       (consent_grain)get_i64(f->r, i, 3),
						fetch_text(f, i, 4),	       get_time(f->r, i, 5),
						get_time(f->r, i, 6) };
}

hub_status consent_lines(store *db, int64_t grantee, const int64_t *points, size_t count, const char *purpose,
			 hub_time now, arena *a, consent_line **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, grantee);
	arg_i64s(&in, points, count);
	arg_text(&in, purpose);
	arg_time(&in, now);
	return sql_list(db, "consent_lines", &in, a, sizeof **ret, line_row, ret, ret_count);
}

hub_status comparison_choose(store *db, int64_t point, int64_t party, bool out)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, point);
	arg_i64(&in, party);
	hub_status st = store_scope(db);
	if (st != HUB_OK)
		return st;
	st = sql_do(db, out ? "comparison_take_out" : "comparison_take_back", &in, NULL);
	if (st == HUB_OK)
		st = epoch_bump(db, "consent");
	return store_scope_end(db, st);
}

static void point_number(fetch *f, int i, void *ret)
{
	*(int64_t *)ret = get_i64(f->r, i, 0);
}

hub_status comparison_out(store *db, const int64_t *points, size_t count, arena *a, int64_t **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64s(&in, points, count);
	return sql_list(db, "comparison_out", &in, a, sizeof **ret, point_number, ret, ret_count);
}
