#include "intake/judge.h"

#include "base/clock.h"
#include "base/decimal.h"

#define MINUTE INT64_C(60000000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

const judge_rules judge_rules_default = { 5 * MINUTE, MINUTE, DAY, 3 * 365 * DAY };

/* When it reached the hub. A journal may hold a record for hours, so reception counts, not now;
   a zone whose clock runs ahead of the core is not believed. */
static hub_time arrival(const judge_case *c)
{
	return c->received > 0 && c->received < c->now ? c->received : c->now;
}

static bool is_amount(const hub_reading *r)
{
	return r->kind == HUB_INTERVAL;
}

/* a > b for decimals that came through arithmetic; overflow counts as greater. */
static bool exceeds(hub_status st, decimal a, decimal b)
{
	return st != HUB_OK || decimal_cmp(a, b) > 0;
}

/* amount in `elapsed` µs against a rate per hour. */
static bool too_fast(decimal amount, int64_t elapsed, hub_value rate)
{
	decimal have, most;
	if (rate.digits == 0 || elapsed <= 0)
		return false;
	hub_status st = decimal_mul(amount, decimal_of(HOUR, 0), &have);
	if (decimal_mul(decimal_of_value(rate), decimal_of(elapsed, 0), &most) != HUB_OK)
		return false;
	return exceeds(st, have, most);
}

/* How far the register went if it passed its highest value; HUB_MISSING if that is no explanation. */
static hub_status rolled(const judge_case *c, decimal *ret_advance)
{
	decimal now = decimal_of_value(c->value), before = decimal_of_value(c->before->value);
	decimal modulus = decimal_of_value(c->limits->modulus), left, advance, bound;
	if (modulus.digits <= 0 || decimal_cmp(before, modulus) >= 0 || decimal_sign(now) < 0)
		return HUB_MISSING;
	if (decimal_sub(modulus, before, &left) != HUB_OK || decimal_add(left, now, &advance) != HUB_OK)
		return HUB_MISSING;
	if (c->limits->rate.digits != 0) {
		if (too_fast(advance, c->reading->time - c->before->time, c->limits->rate))
			return HUB_MISSING;
	} else {
		/* Without a known rate only a step of at most a tenth of the register passes. */
		if (decimal_mul(advance, decimal_of(10, 0), &bound) != HUB_OK || decimal_cmp(bound, modulus) > 0)
			return HUB_MISSING;
	}
	*ret_advance = advance;
	return HUB_OK;
}

static bool found_drift(const judge_rules *rules, const judge_case *c)
{
	return c->reading->time - arrival(c) > rules->drift;
}

static bool found_late(const judge_rules *rules, const judge_case *c)
{
	int64_t allowed = c->limits->delay ? c->limits->delay : rules->late;
	return arrival(c) - c->reading->time > allowed;
}

static bool found_range(const judge_rules *rules, const judge_case *c)
{
	(void)rules;
	if (c->reading->kind == HUB_REGISTER)
		return c->limits->modulus.digits > 0 &&
		       decimal_cmp(decimal_of_value(c->value), decimal_of_value(c->limits->modulus)) >= 0;
	decimal v = decimal_of_value(c->value);
	return (c->limits->has_low && decimal_cmp(v, decimal_of_value(c->limits->low)) < 0) ||
	       (c->limits->has_high && decimal_cmp(v, decimal_of_value(c->limits->high)) > 0);
}

static bool on_grid(const judge_limits *l, hub_time t, int64_t interval)
{
	int64_t local = t + (l->zone ? (int64_t)zone_offset(l->zone, t) * 1000000 : 0);
	return local % interval == 0;
}

static bool on_raster(const judge_limits *l, hub_time t)
{
	return on_grid(l, t, l->interval);
}

/* A whole part of an interval, as of a meter that is read more often than it must be: an hour in four quarters. */
static bool finer(const judge_limits *l, const hub_reading *r)
{
	int64_t length = r->time - r->start;
	return length > 0 && length < l->interval && l->interval % length == 0 && on_grid(l, r->time, length);
}

static bool found_misaligned(const judge_rules *rules, const judge_case *c)
{
	(void)rules;
	const judge_limits *l = c->limits;
	const hub_reading *r = c->reading;
	if (!is_amount(r) || l->interval <= 0 || finer(l, r))
		return false;
	if (!on_raster(l, r->start) || !on_raster(l, r->time))
		return true;
	/* The local length: the day of a clock change has 23 or 25 hours and is whole all the same. */
	int64_t shift = l->zone && l->interval >= DAY
		? (int64_t)(zone_offset(l->zone, r->time) - zone_offset(l->zone, r->start)) * 1000000 : 0;
	return r->time - r->start + shift != l->interval;
}

static bool fell(const judge_case *c)
{
	return c->reading->kind == HUB_REGISTER && c->before &&
	       decimal_cmp(decimal_of_value(c->value), decimal_of_value(c->before->value)) < 0;
}

static bool found_rollover(const judge_rules *rules, const judge_case *c)
{
	(void)rules;
	decimal advance;
	return fell(c) && rolled(c, &advance) == HUB_OK;
}

static bool found_decrease(const judge_rules *rules, const judge_case *c)
{
	(void)rules;
	decimal advance;
	return fell(c) && rolled(c, &advance) != HUB_OK;
}

static bool found_spike(const judge_rules *rules, const judge_case *c)
{
	(void)rules;
	decimal amount = decimal_of_value(c->value);
	if (is_amount(c->reading))
		return too_fast(amount, c->reading->time - c->reading->start, c->limits->rate);
	if (c->reading->kind != HUB_REGISTER || !c->before || fell(c))
		return false;
	hub_status st = decimal_sub(amount, decimal_of_value(c->before->value), &amount);
	return st != HUB_OK || too_fast(amount, c->reading->time - c->before->time, c->limits->rate);
}

static const struct finding {
	uint32_t flag;
	const char *code, *field, *rule;
	bool (*found)(const judge_rules *rules, const judge_case *c);
} findings[] = {
	{ HUB_CLOCK_DRIFT, "reading.clock_drift", "time", "lies ahead of its reception; set the device's clock",
	  found_drift },
	{ HUB_LATE, "reading.late", "time", "came later than the point's normal delay", found_late },
	{ HUB_OUT_OF_RANGE, "reading.out_of_range", "value", "is outside the limits of the point", found_range },
	{ HUB_MISALIGNED, "reading.misaligned", "start", "is not one interval of the point's raster", found_misaligned },
	{ HUB_ROLLOVER, "reading.rollover", "value", "passed the register's highest value and began anew",
	  found_rollover },
	{ HUB_DECREASE, "reading.decrease", "value",
	  "is below the register's last standing; enter the meter exchange or correct the reading", found_decrease },
	{ HUB_SPIKE, "reading.spike", "value", "is more than the point can use in that time", found_spike },
};

hub_status judge_time(const judge_rules *rules, const judge_case *c, hub_fault *fault)
{
	const hub_reading *r = c->reading;
	hub_time came = arrival(c);
	char at[CLOCK_TEXT], seen[CLOCK_TEXT];
	if (r->time == 0)
		return hub_fault_set(fault, "reading.no_time", "time",
				     "the reading has no time and its host gave none; map a time column or let the "
				     "host stamp it");
	if (r->time - came > rules->future)
		return hub_fault_set(fault, "reading.future", "time",
				     "time %s lies %lld s after its reception at %s, at most %lld are allowed; "
				     "set the device's clock and replay",
				     clock_text(r->time, at), (long long)((r->time - came) / 1000000),
				     clock_text(came, seen), (long long)(rules->future / 1000000));
	if (came - r->time > rules->ancient)
		return hub_fault_set(fault, "reading.ancient", "time",
				     "time %s is more than %lld days before its reception at %s; set the device's "
				     "clock, or raise the option intake_ancient and replay",
				     clock_text(r->time, at), (long long)(rules->ancient / DAY),
				     clock_text(came, seen));
	return HUB_OK;
}

uint32_t judge_flags(const judge_rules *rules, const judge_case *c)
{
	uint32_t flags = c->reading->flags;
	for (size_t i = 0; i < sizeof findings / sizeof findings[0]; i++)
		if (findings[i].found(rules, c))
			flags |= findings[i].flag;
	return flags;
}

void judge_note(const judge_case *c, uint32_t flag, hub_fault *note)
{
	char value[DECIMAL_TEXT], before[DECIMAL_TEXT], at[CLOCK_TEXT];
	for (size_t i = 0; i < sizeof findings / sizeof findings[0]; i++) {
		const struct finding *f = &findings[i];
		if (f->flag != flag)
			continue;
		bool register_rule = c->reading->kind == HUB_REGISTER && c->before &&
				     (flag & (HUB_DECREASE | HUB_ROLLOVER | HUB_SPIKE));
		(void)hub_fault_set(note, f->code, f->field, "%s of %s %s%s%s", hub_value_text(c->value, value),
				    clock_text(c->reading->time, at), f->rule, register_rule ? "; before it was " : "",
				    register_rule ? hub_value_text(c->before->value, before) : "");
		return;
	}
}
