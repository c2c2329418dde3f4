#include "billing/urdb_part.h"

#include <stdio.h>
#include <string.h>

enum { URDB_PERIODS_MAX = CALENDAR_PERIODS_MAX, URDB_TIERS_MAX = 48 };

json_t *urdb_decimal(decimal d)
{
	char text[DECIMAL_TEXT];
	return json_string(decimal_text(decimal_trim(d), text));
}

typedef struct urdb_schedule {
	uint8_t day[2][12][24]; /* weekday, weekend */
	uint64_t in_month[12];	/* bits of the periods that occur */
	size_t periods;
} urdb_schedule;

static void cell_read(form *f, const json_t *v, size_t periods, const char *field, uint8_t *ret)
{
	json_int_t p = json_is_integer(v) ? json_integer_value(v) : -1;
	if (p < 0 || (size_t)p >= periods)
		form_refuse(f, "urdb.schedule", "schedule", "%s holds numbers of periods, 0 to %zu", field,
			    periods - 1);
	else
		*ret = (uint8_t)p;
}

static void schedule_read(form *f, const json_t *record, const urdb_part *part, urdb_schedule *s)
{
	for (int kind = 0; kind < 2; kind++) {
		const char *field = part->months ? part->months : kind && part->weekend ? part->weekend : part->weekday;
		const json_t *rows = form_array(f, record, field, 12);
		if (!rows || json_array_size(rows) != 12) {
			form_refuse(f, "urdb.schedule", "schedule", "%s has twelve months", field);
			return;
		}
		for (size_t m = 0; m < 12; m++) {
			const json_t *row = json_array_get(rows, m);
			if (!part->months && json_array_size(row) != 24)
				form_refuse(f, "urdb.schedule", "schedule", "a month of %s has 24 hours", field);
			for (size_t h = 0; h < 24 && f->st == HUB_OK; h++) {
				uint8_t *cell = &s->day[kind][m][h];
				cell_read(f, part->months ? row : json_array_get(row, h), s->periods, field, cell);
				s->in_month[m] |= 1ull << *cell;
			}
		}
	}
}

static void name_of(char out[24], size_t period)
{
	snprintf(out, 24, "p%zu", period);
}

/* Rules of the calendar: for each month and kind of day, each run of hours of one period. */
static json_t *calendar_json(const urdb_schedule *s)
{
	json_t *periods = json_array(), *rules = json_array();
	char name[24], from[16], to[16];
	for (size_t p = 0; p < s->periods; p++) {
		name_of(name, p);
		json_array_append_new(periods, json_string(name));
	}
	for (int m = 0; m < 12; m++) {
		for (int kind = 0; kind < 2; kind++) {
			for (int h = 0, end; h < 24; h = end) {
				for (end = h + 1; end < 24 && s->day[kind][m][end] == s->day[kind][m][h];)
					end++;
				name_of(name, s->day[kind][m][h]);
				snprintf(from, sizeof from, "%02d:00", h);
				snprintf(to, sizeof to, "%02d:00", end);
				json_array_append_new(rules, json_pack("{s:[i],s:[s],s:s,s:s,s:s}", "months", m + 1,
								       "days", kind ? "weekend" : "weekday", "from",
								       from, "to", to, "period", name));
			}
		}
	}
	return json_pack("{s:o,s:o}", "periods", periods, "rules", rules);
}

/* Periods that meet in a month share one ladder, and so do those that meet through others. */
static void components(const urdb_schedule *s, size_t *of)
{
	for (size_t p = 0; p < s->periods; p++)
		of[p] = p;
	for (int m = 0; m < 12; m++) {
		size_t first = SIZE_MAX;
		for (size_t p = 0; p < s->periods; p++) {
			if (!(s->in_month[m] >> p & 1))
				continue;
			if (first == SIZE_MAX)
				first = of[p];
			size_t old = of[p];
			for (size_t q = 0; q < s->periods; q++) {
				if (of[q] == old)
					of[q] = first;
			}
		}
	}
}

typedef struct urdb_tier {
	bool open;
	decimal max, price;
	bool per_kw, daily;
} urdb_tier;

static void tier_unit(form *f, const json_t *o, urdb_tier *t)
{
	static const struct {
		const char *name;
		bool per_kw, daily;
	} units[] = {
		{ "kWh", false, false },	{ "kWh/kW", true, false }, { "kWh daily", false, true },
		{ "kWh/kW daily", true, true }, { "kW", false, false },
	};
	const char *unit = form_text(f, o, "unit", "kWh");
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (!strcmp(units[i].name, unit)) {
			t->per_kw = units[i].per_kw;
			t->daily = units[i].daily;
			return;
		}
	}
	form_refuse(f, "urdb.unit", "unit", "a tier's unit is kWh, kWh/kW, kWh daily, kWh/kW daily or kW, not '%.20s'",
		    unit);
}

static size_t tiers_read(form *f, const json_t *record, const urdb_part *part, size_t period, urdb_tier *tiers)
{
	/* All of a tier is money, so what is not known of it is refused. */
	static const char *const keys[] = { "max", "rate", "adj", "unit", "sell", NULL };
	const json_t *list = json_array_get(json_object_get(record, part->structure), period);
	size_t n = json_array_size(list);
	if (!n || n > URDB_TIERS_MAX) {
		form_refuse(f, "urdb.tiers", "structure", "a period of %s has 1 to %d tiers", part->structure,
			    URDB_TIERS_MAX);
		return 0;
	}
	for (size_t i = 0; i < n && f->st == HUB_OK; i++) {
		const json_t *o = json_array_get(list, i);
		size_t mark = form_enter(f, part->structure, (long)i);
		form_keys(f, o, keys);
		urdb_tier t = { 0 };
		decimal adj = decimal_of(0, 0), most = decimal_of(1000000000000LL, 0);
		const json_t *max = json_object_get(o, "max");
		/* Some exporters write 1e38 for "no limit". */
		t.open = !max || json_is_null(max) || (json_is_real(max) && json_real_value(max) > 1e12);
		if (!t.open && form_number(f, max, &t.max))
			t.open = decimal_cmp(t.max, most) >= 0;
		form_decimal(f, o, part->price, &t.price);
		if (!part->credit && form_decimal(f, o, "adj", &adj) && decimal_add(t.price, adj, &t.price) != HUB_OK)
			form_refuse(f, "urdb.rate", "rate", "rate and adj do not fit");
		tier_unit(f, o, &t);
		tiers[i] = t;
		form_leave(f, mark);
	}
	return n;
}

static bool same_shape(const urdb_tier *a, const urdb_tier *b)
{
	return a->open == b->open && a->per_kw == b->per_kw && a->daily == b->daily &&
	       (a->open || !decimal_cmp(a->max, b->max));
}

typedef struct urdb_group {
	size_t members[URDB_PERIODS_MAX], member_count;
	urdb_tier tiers[URDB_PERIODS_MAX][URDB_TIERS_MAX];
	size_t tier_count;
} urdb_group;

static json_t *block_json(const urdb_group *g, size_t tier)
{
	const urdb_tier *t = &g->tiers[0][tier];
	json_t *b = json_object(), *prices = json_object(), *times = json_array();
	char name[24];
	for (size_t i = 0; i < g->member_count; i++) {
		name_of(name, g->members[i]);
		json_object_set_new(prices, name, urdb_decimal(g->tiers[i][tier].price));
	}
	json_object_set_new(b, "prices", prices);
	if (t->per_kw)
		json_array_append_new(times, json_string("demand"));
	if (t->daily)
		json_array_append_new(times, json_string("days"));
	if (!t->open)
		json_object_set_new(b, "upto", urdb_decimal(t->max));
	if (!t->open && json_array_size(times))
		json_object_set(b, "times", times);
	json_decref(times);
	return b;
}

/* A kWh/kW tier that kWh tiers follow heads their block: it limits them and has no use of its own. */
static json_t *blocks_json(const urdb_group *g)
{
	json_t *blocks = json_array();
	for (size_t i = 0; i < g->tier_count; i++) {
		const urdb_tier *t = g->tiers[0];
		json_t *b = block_json(g, i);
		bool head = t[i].per_kw && !t[i].open && i + 1 < g->tier_count && !t[i + 1].per_kw;
		if (head) {
			json_t *inner = json_array();
			json_object_del(b, "prices");
			while (i + 1 < g->tier_count && !t[i + 1].per_kw)
				json_array_append_new(inner, block_json(g, ++i));
			json_object_set_new(b, "blocks", inner);
		}
		json_array_append_new(blocks, b);
	}
	return blocks;
}

/* A period of one open tier has one price at any limits, so it takes those of the periods it meets. */
static bool shape_take(urdb_group *g, const size_t *counts, size_t member, size_t model)
{
	urdb_tier *own = g->tiers[member];
	const urdb_tier *other = g->tiers[model];
	if (counts[member] == 1 && own[0].open) {
		decimal price = own[0].price;
		for (size_t i = 0; i < counts[model]; i++) {
			own[i] = other[i];
			own[i].price = price;
		}
		return true;
	}
	bool same = counts[member] == counts[model];
	for (size_t i = 0; i < counts[model] && same; i++)
		same = same_shape(&own[i], &other[i]);
	return same;
}

static bool group_read(form *f, const json_t *record, const urdb_part *part, const size_t *of, size_t component,
		       size_t periods, urdb_group *g)
{
	size_t counts[URDB_PERIODS_MAX], model = 0;
	g->member_count = 0;
	for (size_t p = 0; p < periods && f->st == HUB_OK; p++) {
		if (of[p] != component)
			continue;
		counts[g->member_count] = tiers_read(f, record, part, p, g->tiers[g->member_count]);
		if (counts[g->member_count] > counts[model])
			model = g->member_count;
		g->members[g->member_count++] = p;
	}
	for (size_t m = 0; m < g->member_count && f->st == HUB_OK; m++) {
		if (m != model && !shape_take(g, counts, m, model))
			form_refuse(f, "urdb.tiers", "structure",
				    "periods that meet in a month have the same tier limits: %s of period %zu differs; "
				    "bring them "
				    "in line",
				    part->structure, g->members[m]);
	}
	g->tier_count = f->st == HUB_OK && g->member_count ? counts[model] : 0;
	return f->st == HUB_OK;
}

/* What a demand is counted in: by the field of the record, of which kW and kVA can be counted. */
static const char *demand_unit(form *f, const json_t *record, const urdb_part *part, const char **ret_quantity)
{
	const char *unit = part->unit ? form_text(f, record, part->unit, "kW") : "kW";
	*ret_quantity = part->quantity;
	if (!strcmp(unit, "kVA")) {
		*ret_quantity = "apparent_energy_import";
		return "kVA";
	}
	if (strcmp(unit, "kW"))
		form_refuse(f, "urdb.demand_unit", part->unit,
			    "%s is kW or kVA here, not '%.20s'; convert the prices: 1 hp is 0.7457 kW, a price per day "
			    "is one per "
			    "month by its days",
			    part->unit, unit);
	return "kW";
}

static void part_charges(form *f, const json_t *record, const urdb_part *part, const urdb_schedule *s, json_t *charges)
{
	size_t of[URDB_PERIODS_MAX];
	components(s, of);
	urdb_group *g = arena_alloc(f->a, sizeof *g);
	if (!g) {
		form_nomem(f);
		return;
	}
	char code[40], name[24];
	const char *quantity, *unit = part->demand ? demand_unit(f, record, part, &quantity) : "kWh";
	if (!part->demand)
		quantity = part->quantity;
	int64_t window = part->demand ? form_int(f, record, "demandwindow", 1, 1440, 0) : 0;
	for (size_t c = 0, made = 0; c < s->periods && f->st == HUB_OK; c++) {
		if (of[c] != c || !group_read(f, record, part, of, c, s->periods, g))
			continue;
		snprintf(code, sizeof code, made ? "%s_%zu" : "%s", part->code, made + 1);
		made++;
		json_t *o = json_pack("{s:s,s:s,s:s,s:s,s:s,s:{s:o}}", "code", code, "text", part->text, "kind",
				      part->demand ? "demand" : "usage", "quantity", quantity, "unit", unit, "ladder",
				      "blocks", blocks_json(g));
		json_t *members = json_array();
		for (size_t i = 0; i < g->member_count; i++) {
			name_of(name, g->members[i]);
			json_array_append_new(members, json_string(name));
		}
		json_object_set_new(o, "periods", members);
		if (part->calendar[0])
			json_object_set_new(o, "calendar", json_string(part->calendar));
		if (part->credit)
			json_object_set_new(o, "credit", json_true());
		if (window)
			json_object_set_new(o, "window", json_integer(window));
		json_array_append_new(charges, o);
	}
}

/* The structure's calendar and charges; false where the record has no such structure. */
bool urdb_part_convert(form *f, const json_t *record, const urdb_part *part, json_t *own, json_t *charges)
{
	const json_t *structure = form_array(f, record, part->structure, URDB_PERIODS_MAX);
	if (!structure || !json_array_size(structure) || f->st != HUB_OK)
		return false;
	urdb_schedule *s = arena_alloc(f->a, sizeof *s);
	if (!s) {
		form_nomem(f);
		return false;
	}
	s->periods = json_array_size(structure);
	schedule_read(f, record, part, s);
	if (f->st != HUB_OK)
		return false;
	json_t *cal = calendar_json(s);
	if (part->calendar[0])
		json_object_set_new(json_object_get(own, "calendars"), part->calendar, cal);
	else
		json_object_set_new(own, "calendar", cal);
	part_charges(f, record, part, s, charges);
	return true;
}
