#include "compare/show.h"

#include <string.h>

#include "base/json.h"
#include "model/quantity.h"

static const struct {
	const char *code, *zh, *en;
} reasons[] = {
	{ "premise", "账户的表计不在同一住宅，无法对比", "the account's meters are not all in one home" },
	{ "attributes", "缺少住宅资料（类型、面积、采暖或位置）",
	  "the home's type, area, heating or place is not known" },
	{ "vacant", "住宅登记为空置", "nobody lives in the home, by the registry" },
	{ "out", "住户选择不参加邻里对比", "a resident chose not to be compared" },
	{ "use", "本月读数不足十天或不可靠", "there are less than ten days of readings, or they cannot be relied on" },
	{ "size", "缺少折算所需资料（人数或度日）",
	  "the number of people or degree-days, by which use is divided, is not known" },
	{ "peers", "相似的住宅不足二十户，不作对比", "there are fewer than twenty homes like this one" },
};

static void write_reason(buf *out, const char *code)
{
	buf_printf(out, "\"reason\":\"%s\"", code);
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (!strcmp(reasons[i].code, code))
			buf_printf(out, ",\"text_zh\":\"%s\",\"text_en\":\"%s\"", reasons[i].zh, reasons[i].en);
}

static void write_decimal(buf *out, const char *name, decimal d)
{
	char text[DECIMAL_TEXT];
	buf_printf(out, ",\"%s\":\"%s\"", name, decimal_text(decimal_trim(d), text));
}

/* Somebody else's figure as an amount for this home. */
static hub_status write_other(buf *out, const char *name, int64_t normal, const comparison *c, bool exact)
{
	decimal d;
	hub_status st = compare_amount(normal, c->factor, &d);
	if (st == HUB_OK)
		write_decimal(out, name, exact ? d : compare_rounded(d));
	return st;
}

static hub_status write_answer(buf *out, const comparison *c, bool exact)
{
	hub_status st = write_other(out, "median", c->median, c, exact);
	if (st == HUB_OK)
		st = write_other(out, "efficient", c->efficient, c, exact);
	buf_printf(out, ",\"peers\":%d,\"rank\":%d,\"best_fifth\":%s,\"within\":%d", c->peers, c->rank,
		   c->own <= c->efficient ? "true" : "false", exact ? c->within : (c->within + 99) / 100 * 100);
	if (exact) {
		buf_printf(out, ",\"normalised\":{\"rule\":%d,\"round\":%d", COMPARE_RULE, c->round);
		write_decimal(out, "own", decimal_of(c->own, 9));
		write_decimal(out, "median", decimal_of(c->median, 9));
		write_decimal(out, "efficient", decimal_of(c->efficient, 9));
		write_decimal(out, "factor", decimal_of(c->factor, 6));
		buf_text(out, "}");
	}
	return st;
}

static hub_status write_one(buf *out, const comparison *c, bool exact)
{
	int k = compare_commodity(c->commodity);
	const quantity *q = k < 0 ? NULL : quantity_find(compare_quantities[k]);
	buf_printf(out, "{\"commodity\":\"%s\",\"quantity\":\"%s\",\"unit\":\"%s\",\"answer\":%s", c->commodity,
		   q ? q->name : "", q ? q->unit : "", *c->reason ? "false" : "true");
	if (c->days) {
		write_decimal(out, "own", decimal_of_value(c->amount));
		write_decimal(out, "days", decimal_of(c->days, 2));
	}
	hub_status st = HUB_OK;
	if (*c->reason) {
		buf_text(out, ",");
		write_reason(out, c->reason);
	} else {
		st = write_answer(out, c, exact);
	}
	buf_text(out, "}");
	return st;
}

static hub_status write_list(buf *out, const comparison *list, size_t count, bool exact)
{
	hub_status st = HUB_OK;
	buf_text(out, "\"comparisons\":[");
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		buf_text(out, i ? ",\n" : "\n");
		st = write_one(out, &list[i], exact);
	}
	buf_text(out, "]");
	return st;
}

/* Whether a resident of today took the home out: then it does not see what is there of earlier either. */
static hub_status is_out(store *db, int64_t account, int32_t cycle, arena *a, bool *ret)
{
	comparison_place *list;
	size_t count;
	int64_t last;
	*ret = false;
	hub_status st = comparison_places(db, cycle, INT64_C(0), INT64_C(253402300000000000), 0, 1, account, a, &list,
					  &count, &last);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		*ret |= list[i].out;
	return st;
}

static hub_status write_home(store *db, int64_t account, int32_t cycle, arena *a, buf *out)
{
	comparison_home *h;
	size_t count;
	hub_status st = comparison_homes(db, cycle, 0, account - 1, 1, a, &h, &count);
	if (st != HUB_OK || !count || h->account != account)
		return st;
	buf_printf(out, "\"home\":{\"dwelling\":\"%s\",\"heating\":\"%s\",\"occupants\":%d", h->dwelling, h->heating,
		   h->occupants);
	write_decimal(out, "area", decimal_of(h->area, 2));
	buf_text(out, "},");
	return st;
}

static void write_head(const billing_account *account, const comparison_cycle *c, buf *out)
{
	buf_text(out, "{\"account\":");
	json_write_text(out, account->code);
	buf_printf(out, ",\"cycle\":\"%04d-%02d\",\"rule\":%d,\"divided_by\":[\"%s\"%s%s],", c->cycle / 100,
		   c->cycle % 100, c->rule, c->per_degree_days ? "degree_days" : "days", c->per_area ? ",\"area\"" : "",
		   c->per_occupants ? ",\"occupants\"" : "");
}

hub_status compare_show(store *db, const billing_account *account, int32_t cycle, bool exact, arena *a, buf *out)
{
	comparison *list;
	comparison_cycle c;
	size_t count = 0;
	bool gone = false;
	hub_status st = cycle ? HUB_OK : comparison_newest(db, account->id, &cycle);
	if (st == HUB_OK)
		st = comparison_cycle_get(db, cycle, &c);
	if (st == HUB_OK)
		st = comparison_list(db, &account->id, 1, cycle, a, &list, &count);
	if (st == HUB_OK && !count)
		return HUB_MISSING;
	if (st == HUB_OK && !exact)
		st = is_out(db, account->id, cycle, a, &gone);
	if (st != HUB_OK)
		return st;
	write_head(account, &c, out);
	if (gone) {
		write_reason(out, "out");
		buf_text(out, ",\"comparisons\":[]}\n");
		return HUB_OK;
	}
	st = write_home(db, account->id, cycle, a, out);
	if (st == HUB_OK)
		st = write_list(out, list, count, exact);
	buf_text(out, "}\n");
	return st;
}

/* Those of this revision; none if the home is out. */
static hub_status of_bill(store *db, int64_t account, int32_t cycle, int16_t revision, arena *a, comparison **ret,
			  size_t *ret_count)
{
	bool gone = false;
	hub_status st = comparison_list(db, &account, 1, cycle, a, ret, ret_count);
	if (st == HUB_OK && *ret_count && (*ret)[0].revision != revision)
		*ret_count = 0;
	if (st == HUB_OK && *ret_count)
		st = is_out(db, account, cycle, a, &gone);
	if (gone)
		*ret_count = 0;
	return st;
}

hub_status compare_show_bill(store *db, int64_t account, int32_t cycle, int16_t revision, arena *a, buf *out)
{
	comparison *list;
	size_t count = 0;
	hub_status st = of_bill(db, account, cycle, revision, a, &list, &count);
	if (st != HUB_OK || !count)
		return st;
	buf_text(out, ",");
	return write_list(out, list, count, false);
}

static hub_status face_one(const comparison *c, face_beside *ret)
{
	int k = compare_commodity(c->commodity);
	const quantity *q = k < 0 ? NULL : quantity_find(compare_quantities[k]);
	*ret = (face_beside) { .commodity = c->commodity,
			       .unit = q ? q->unit : "",
			       .own = decimal_trim(decimal_of_value(c->amount)),
			       .rank = c->rank,
			       .peers = c->peers,
			       .within = (c->within + 99) / 100 * 100 };
	hub_status st = compare_amount(c->median, c->factor, &ret->median);
	if (st == HUB_OK)
		st = compare_amount(c->efficient, c->factor, &ret->efficient);
	ret->median = decimal_trim(compare_rounded(ret->median));
	ret->efficient = decimal_trim(compare_rounded(ret->efficient));
	return st;
}

hub_status compare_face(store *db, int64_t account, int32_t cycle, int16_t revision, arena *a, const face_beside **ret,
			size_t *ret_count)
{
	comparison *list;
	size_t count = 0, n = 0;
	hub_status st = of_bill(db, account, cycle, revision, a, &list, &count);
	face_beside *out = st == HUB_OK ? arena_array(a, count, sizeof *out) : NULL;
	if (st == HUB_OK && !out)
		return HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		if (!*list[i].reason)
			st = face_one(&list[i], &out[n++]);
	*ret = out;
	*ret_count = st == HUB_OK ? n : 0;
	return st;
}
