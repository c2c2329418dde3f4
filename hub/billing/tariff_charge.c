#include <string.h>

#include "base/clock.h"
#include "billing/tariff_parse.h"

tariff_round tariff_rounding(form *f, const json_t *o, const char *key)
{
	static const char *const keys[] = { "unit", "mode", NULL };
	tariff_round r = { 0 };
	const json_t *v = form_object(f, o, key);
	if (!v)
		return r;
	size_t mark = form_enter(f, key, -1);
	form_keys(f, v, keys);
	r.set = true;
	r.unit = form_need_decimal(f, v, "unit");
	const char *mode = form_text(f, v, "mode", "half_up");
	if (!decimal_mode_parse(mode, &r.mode))
		form_refuse(f, "tariff.rounding.mode", "rounding",
			    "mode is half_up, half_even, down, up, floor or ceiling, not '%.20s'", mode);
	if (f->st == HUB_OK && decimal_sign(r.unit) <= 0)
		form_refuse(f, "tariff.rounding.unit", "rounding", "'unit' is above zero, as 0.01");
	form_leave(f, mark);
	return r;
}

static void periods_read(form *f, const json_t *o, const calendar *cal, tariff_charge *c)
{
	const json_t *list = form_array(f, o, "periods", CALENDAR_PERIODS_MAX);
	uint64_t all = cal->period_count == 64 ? UINT64_MAX : (1ull << cal->period_count) - 1;
	c->periods = list ? 0 : all;
	for (size_t i = 0; list && i < json_array_size(list); i++) {
		const char *name = json_string_value(json_array_get(list, i));
		int p = name ? calendar_period(cal, name) : -1;
		if (p < 0)
			form_refuse(f, "tariff.charge.period", "periods", "period '%.40s' is not in the calendar",
				    name ? name : "");
		else
			c->periods |= 1ull << p;
	}
	if (!c->periods)
		form_refuse(f, "tariff.charge.period", "periods", "'periods' names at least one period");
}

static void condition_read(form *f, const json_t *o, tariff_charge *c)
{
	static const char *const keys[] = { "fact", "is", NULL };
	const json_t *v = form_object(f, o, "if");
	if (!v)
		return;
	form_keys(f, v, keys);
	c->if_fact = form_need_text(f, v, "fact");
	c->if_value = form_need_text(f, v, "is");
}

static void per_read(form *f, const json_t *o, const char *fallback, tariff_charge *c)
{
	static const struct {
		const char *name;
		tariff_per per;
		int months;
	} pers[] = {
		{ "cycle", TARIFF_PER_CYCLE, 0 },      { "day", TARIFF_PER_DAY, 0 },
		{ "month", TARIFF_PER_MONTHS, 1 },     { "quarter", TARIFF_PER_MONTHS, 3 },
		{ "half_year", TARIFF_PER_MONTHS, 6 }, { "year", TARIFF_PER_MONTHS, 12 },
	};
	const char *name = form_text(f, o, "per", fallback);
	for (size_t i = 0; i < sizeof pers / sizeof *pers; i++) {
		if (!strcmp(pers[i].name, name)) {
			c->per = pers[i].per;
			c->per_months = pers[i].months;
			return;
		}
	}
	form_refuse(f, "tariff.charge.per", "per",
		    "'per' is cycle, day, month, quarter, half_year or year, not '%.20s'", name);
}

static void scale_read(form *f, const json_t *o, tariff_charge *c)
{
	const json_t *list = form_array(f, o, "scale", TARIFF_SCALES_MAX);
	for (size_t i = 0; list && i < json_array_size(list); i++)
		form_number(f, json_array_get(list, i), &c->scale[c->scale_count++]);
	if (form_decimal(f, o, "divide", &c->divide) && decimal_sign(c->divide) <= 0)
		form_refuse(f, "tariff.charge.divide", "divide", "'divide' is above zero");
	c->raw_round = tariff_rounding(f, o, "raw_round");
	c->quantity_round = tariff_rounding(f, o, "quantity_round");
}

static void market_read(form *f, const json_t *o, tariff_charge *c)
{
	static const char *const keys[] = { "series", "times", "plus", "floor", "cap", NULL };
	const json_t *m = form_object(f, o, "market");
	if (!m)
		return;
	size_t mark = form_enter(f, "market", -1);
	form_keys(f, m, keys);
	c->market.series = form_need_text(f, m, "series");
	c->market.times = decimal_of(1, 0);
	form_decimal(f, m, "times", &c->market.times);
	form_decimal(f, m, "plus", &c->market.plus);
	c->market.has_floor = form_decimal(f, m, "floor", &c->market.floor);
	c->market.has_cap = form_decimal(f, m, "cap", &c->market.cap);
	form_leave(f, mark);
}

static void usage_read(form *f, const json_t *o, const calendar *cal, tariff_charge *c)
{
	c->quantity = form_need_text(f, o, "quantity");
	c->unit = form_need_text(f, o, "unit");
	c->meter = form_text(f, o, "meter", NULL);
	c->credit = form_bool(f, o, "credit", false);
	scale_read(f, o, c);
	market_read(f, o, c);
	const json_t *ladder = form_object(f, o, "ladder");
	bool priced = json_object_get(o, "price") || json_object_get(o, "prices");
	if ((ladder != NULL) + priced + (c->market.series != NULL) != 1)
		form_refuse(f, "tariff.price.missing", "price",
			    "a charge has one of 'price', 'prices', 'ladder' and 'market'");
	c->has_ladder = ladder;
	if (ladder)
		tariff_ladder_read(f, ladder, cal, c->periods, &c->ladder);
	else if (priced)
		c->price = tariff_price_read(f, o, cal, c->periods, true);
	form_decimal(f, o, "free", &c->free);
	c->has_cap = form_decimal(f, o, "cap", &c->cap);
	form_decimal(f, o, "step", &c->step);
	c->package = form_bool(f, o, "package", false);
	if (f->st == HUB_OK && (decimal_sign(c->free) < 0 || decimal_sign(c->step) < 0 || decimal_sign(c->cap) < 0))
		form_refuse(f, "tariff.charge.negative", "step", "'free', 'cap' and 'step' are not negative");
	if (c->package && !decimal_sign(c->step))
		form_refuse(f, "tariff.charge.step", "step", "a package has a 'step', its size");
	bool shaped = decimal_sign(c->step) || decimal_sign(c->free) || c->has_cap;
	if (c->package && c->has_ladder)
		form_refuse(f, "tariff.charge.step", "package", "a package has one price; a ladder counts steps, not packages");
	if (shaped && c->has_ladder && c->ladder.share == TARIFF_SHARE_TIME && !c->ladder.volume)
		form_refuse(f, "tariff.charge.step", "share",
			    "'free', 'cap' and 'step' are of the whole use, and 'share' 'time' has none; share by 'total'");
	if (shaped && (c->price.by_period || c->market.series))
		form_refuse(
		    f, "tariff.charge.step", "step",
		    "'free', 'cap' and 'step' need one price or a ladder; limit 'periods' and make a charge for each");
}

static void fixed_read(form *f, const json_t *o, const calendar *cal, tariff_charge *c)
{
	(void)cal;
	c->price = (tariff_price) { .all = form_need_decimal(f, o, "amount"), .periods = UINT64_MAX };
	per_read(f, o, "cycle", c);
	c->per_day = (int)form_int(f, o, "day", 1, 31, 1);
	c->prorate = form_bool(f, o, "prorate", false);
	c->advance = form_bool(f, o, "advance", false);
	c->times = form_text(f, o, "times", NULL);
}

static void ratchet_read(form *f, const json_t *o, tariff_charge *c)
{
	static const char *const keys[] = { "months", "percent", NULL };
	const json_t *r = form_object(f, o, "ratchet");
	if (!r)
		return;
	form_keys(f, r, keys);
	c->ratchet.months = (int)form_int(f, r, "months", 1, 36, 11);
	const json_t *p = json_object_get(r, "percent");
	size_t n = json_is_array(p) ? json_array_size(p) : 1;
	if (n != 1 && n != 12)
		form_refuse(f, "tariff.demand.ratchet", "ratchet", "'percent' is one decimal or twelve, January first");
	for (size_t i = 0; i < 12 && f->st == HUB_OK; i++)
		form_number(f, json_is_array(p) ? json_array_get(p, n == 12 ? i : 0) : p, &c->ratchet.percent[i]);
}

static void demand_read(form *f, const json_t *o, const calendar *cal, tariff_charge *c)
{
	c->quantity = form_need_text(f, o, "quantity");
	c->unit = form_text(f, o, "unit", "kW");
	c->meter = form_text(f, o, "meter", NULL);
	c->window = form_int(f, o, "window", 1, 1440, 0) * 60000000LL;
	const json_t *ladder = form_object(f, o, "ladder");
	c->has_ladder = ladder;
	if (ladder)
		tariff_ladder_read(f, ladder, cal, c->periods, &c->ladder);
	else
		c->price = tariff_price_read(f, o, cal, c->periods, true);
	ratchet_read(f, o, c);
	form_decimal(f, o, "minimum", &c->minimum);
	c->contract = form_text(f, o, "contract", NULL);
	form_decimal(f, o, "minimum_share", &c->minimum_share);
	form_decimal(f, o, "over", &c->over);
	form_decimal(f, o, "over_times", &c->over_times);
	c->billing = form_bool(f, o, "billing", false);
	if ((decimal_sign(c->minimum_share) || decimal_sign(c->over_times)) && !c->contract)
		form_refuse(
		    f, "tariff.demand.contract", "contract",
		    "'minimum_share' and 'over_times' need 'contract': the fact that holds the contracted power");
}

static void base_read(form *f, const json_t *o, tariff_charge *c)
{
	const json_t *v = json_object_get(o, "base");
	if (!v || (json_is_string(v) && !strcmp(json_string_value(v), "all"))) {
		c->base_all = true;
		return;
	}
	const json_t *list = form_array(f, o, "base", TARIFF_BASE_MAX);
	for (size_t i = 0; list && i < json_array_size(list); i++) {
		const char *code = json_string_value(json_array_get(list, i));
		const char *copy = code ? form_copy(f, code) : NULL;
		if (!copy)
			form_refuse(f, "tariff.charge.base", "base",
				    "'base' is \"all\" or an array of codes of earlier charges");
		else
			c->base[c->base_count++] = copy;
	}
}

static void percent_read(form *f, const json_t *o, const calendar *cal, tariff_charge *c)
{
	(void)cal;
	c->price = (tariff_price) { .all = form_need_decimal(f, o, "rate"), .periods = UINT64_MAX };
	base_read(f, o, c);
}

static void bound_read(form *f, const json_t *o, const calendar *cal, tariff_charge *c)
{
	(void)cal;
	c->price = (tariff_price) { .all = form_need_decimal(f, o, "amount"), .periods = UINT64_MAX };
	per_read(f, o, "cycle", c);
	if (c->per == TARIFF_PER_MONTHS && c->per_months != 12)
		form_refuse(f, "tariff.charge.per", "per", "a minimum or maximum is per cycle, day or year");
	c->after_credit = form_bool(f, o, "after_credit", false);
	base_read(f, o, c);
}

static void pf_read(form *f, const json_t *o, const calendar *cal, tariff_charge *c)
{
	(void)cal;
	static const char *const row_keys[] = { "from", "percent", NULL };
	c->active = form_text(f, o, "active", "active_energy_import");
	c->reactive = form_text(f, o, "reactive", "reactive_energy_import");
	base_read(f, o, c);
	const json_t *rows = form_array(f, o, "table", 200);
	size_t n = rows ? json_array_size(rows) : 0;
	c->pf_rows = arena_array(f->a, n, sizeof *c->pf_rows);
	if (!c->pf_rows)
		form_nomem(f);
	if (!n || !c->pf_rows) {
		form_refuse(f, "tariff.power_factor.table", "table", "'table' is an array of {\"from\", \"percent\"}");
		return;
	}
	for (size_t i = 0; i < n && f->st == HUB_OK; i++) {
		const json_t *row = json_array_get(rows, i);
		size_t mark = form_enter(f, "table", (long)i);
		form_keys(f, row, row_keys);
		tariff_pf_row *r = &c->pf_rows[i];
		r->from = form_need_decimal(f, row, "from");
		r->percent = form_need_decimal(f, row, "percent");
		if (f->st == HUB_OK && i && decimal_cmp(r->from, c->pf_rows[i - 1].from) >= 0)
			form_refuse(f, "tariff.power_factor.order", "table",
				    "rows fall from the highest power factor to the lowest");
		form_leave(f, mark);
	}
	c->pf_count = n;
	if (f->st == HUB_OK && decimal_sign(c->pf_rows[n - 1].from))
		form_refuse(f, "tariff.power_factor.gap", "table",
			    "the last row begins at 0, so that every factor has a row");
}

#define COMMON_KEYS "code", "text", "kind", "from", "to", "if", "round", "calendar", "periods", "currency"

static const char *const usage_keys[] = { COMMON_KEYS,	    "quantity", "unit",	  "meter", "price",   "prices",
					  "ladder",	    "market",	"credit", "scale", "divide",  "raw_round",
					  "quantity_round", "free",	"cap",	  "step",  "package", NULL };
static const char *const fixed_keys[] = { COMMON_KEYS, "amount", "per", "day", "prorate", "advance", "times", NULL };
static const char *const demand_keys[] = { COMMON_KEYS, "quantity",   "unit",	 "meter",   "price",	"prices",
					   "ladder",	"window",     "ratchet", "minimum", "contract", "minimum_share",
					   "over",	"over_times", "billing", NULL };
static const char *const percent_keys[] = { COMMON_KEYS, "rate", "base", NULL };
static const char *const bound_keys[] = { COMMON_KEYS, "amount", "per", "base", "after_credit", NULL };
static const char *const pf_keys[] = { COMMON_KEYS, "active", "reactive", "table", "base", NULL };

static const struct {
	const char *name;
	const char *const *keys;
	void (*read)(form *f, const json_t *o, const calendar *cal, tariff_charge *c);
} kinds[] = {
	[TARIFF_USAGE] = { "usage", usage_keys, usage_read },
	[TARIFF_FIXED] = { "fixed", fixed_keys, fixed_read },
	[TARIFF_DEMAND] = { "demand", demand_keys, demand_read },
	[TARIFF_PERCENT] = { "percent", percent_keys, percent_read },
	[TARIFF_MINIMUM] = { "minimum", bound_keys, bound_read },
	[TARIFF_MAXIMUM] = { "maximum", bound_keys, bound_read },
	[TARIFF_POWER_FACTOR] = { "power_factor", pf_keys, pf_read },
};

static const calendar *calendar_of(form *f, const json_t *o, const tariff_version *v)
{
	const char *name = form_text(f, o, "calendar", "");
	for (size_t i = 0; i < v->calendar_count; i++) {
		if (!strcmp(v->calendar_names[i], name))
			return v->calendars[i];
	}
	form_refuse(f, "tariff.charge.calendar", "calendar", "there is no calendar '%.40s' in 'calendars'", name);
	return v->calendars[0];
}

void tariff_charge_read(form *f, const json_t *o, const tariff_version *v, const char *currency, tariff_charge *c)
{
	const char *kind = form_need_text(f, o, "kind");
	size_t k = 0;
	while (k < sizeof kinds / sizeof *kinds && strcmp(kinds[k].name, kind))
		k++;
	if (k == sizeof kinds / sizeof *kinds) {
		form_refuse(f, "tariff.charge.kind", "kind",
			    "'kind' is usage, fixed, demand, percent, minimum, maximum or power_factor, not '%.30s'",
			    kind);
		return;
	}
	form_keys(f, o, kinds[k].keys);
	c->kind = (tariff_kind)k;
	c->code = form_need_text(f, o, "code");
	c->text = form_text(f, o, "text", c->code);
	form_time(f, o, "from", &c->from);
	form_time(f, o, "to", &c->to);
	condition_read(f, o, c);
	const char *own = form_text(f, o, "currency", currency);
	if (strcmp(own, currency))
		form_refuse(f, "tariff.currency.mix", "currency",
			    "a tariff has one currency, %.3s: this charge names '%.10s'; make a "
			    "tariff of its own for it",
			    currency, own);
	c->calendar = calendar_of(f, o, v);
	periods_read(f, o, c->calendar, c);
	c->round = tariff_rounding(f, o, "round");
	kinds[k].read(f, o, c->calendar, c);
}

void tariff_netting_read(form *f, const json_t *o, tariff_version *v)
{
	static const char *const netting_keys[] = { "mode", "import", "export", NULL };
	static const char *const credit_keys[] = { "carry", "apply", "true_up_month", "at_true_up", "price", NULL };
	static const char *const modes[] = { "none", "step", "energy", "money", NULL };
	static const char *const applies[] = { "next", "now", NULL };
	static const char *const ends[] = { "expire", "pay", "roll_over", NULL };
	const json_t *n = form_object(f, o, "netting"), *c = form_object(f, o, "credit");
	if (n) {
		size_t mark = form_enter(f, "netting", -1);
		form_keys(f, n, netting_keys);
		v->netting.mode = (tariff_netting_mode)form_choice(f, n, "mode", modes, -1);
		v->netting.import = form_text(f, n, "import", "active_energy_import");
		v->netting.export = form_text(f, n, "export", "active_energy_export");
		form_leave(f, mark);
	}
	if (c) {
		size_t mark = form_enter(f, "credit", -1);
		form_keys(f, c, credit_keys);
		v->credit.set = true;
		v->credit.carry = form_bool(f, c, "carry", false);
		v->credit.apply_now = form_choice(f, c, "apply", applies, 0) == 1;
		v->credit.true_up_month = (int)form_int(f, c, "true_up_month", 1, 12, 0);
		int end = form_choice(f, c, "at_true_up", ends, 0);
		v->credit.pay_out = end == 1;
		v->credit.roll_over = end == 2;
		v->credit.has_price = form_decimal(f, c, "price", &v->credit.price);
		form_leave(f, mark);
	}
}
