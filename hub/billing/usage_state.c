#include "billing/usage_state.h"

#include <string.h>

void state_prior_read(form *f, const json_t *v, usage_state *s)
{
	if (!json_is_object(v)) {
		s->ladder_count = 1;
		form_number(f, v, &s->ladders[0].used);
		return;
	}
	const char *code;
	json_t *used;
	json_object_foreach ((json_t *)v, code, used) {
		if (s->ladder_count == STATE_LADDERS_MAX)
			return;
		state_ladder *l = &s->ladders[s->ladder_count++];
		l->code = form_copy(f, code);
		if (json_is_object(used)) {
			l->used = form_need_decimal(f, used, "used");
			form_time(f, used, "since", &l->since);
			form_decimal(f, used, "counted", &l->counted);
			form_time(f, used, "cycle", &l->cycle);
		} else {
			form_number(f, used, &l->used);
		}
	}
}

void state_peaks_read(form *f, const json_t *list, usage_state *s)
{
	static const char *const keys[] = { "code", "at", "value", NULL };
	for (size_t i = 0; i < json_array_size(list) && s->peak_count < STATE_PEAKS_MAX; i++) {
		const json_t *o = json_array_get(list, i);
		state_peak *p = &s->peaks[s->peak_count++];
		size_t mark = form_enter(f, "peaks", (long)i);
		form_keys(f, o, keys);
		p->code = form_text(f, o, "code", NULL);
		if (!form_time(f, o, "at", &p->at))
			form_refuse(f, "usage.peak", "peaks", "a peak has 'at', a day of its cycle, and 'value'");
		p->value = form_need_decimal(f, o, "value");
		form_leave(f, mark);
	}
}

static void years_read(form *f, const json_t *o, usage_state *s)
{
	const char *code;
	json_t *v;
	json_object_foreach ((json_t *)o, code, v) {
		if (s->year_count == STATE_YEARS_MAX)
			return;
		state_year *y = &s->years[s->year_count++];
		y->code = form_copy(f, code);
		y->year = (int)form_int(f, v, "year", 1, 9999, 1);
		y->amount = form_need_decimal(f, v, "amount");
	}
}

static void cycles_read(form *f, const json_t *o, usage_state *s)
{
	static const char *const keys[] = { "begin", "amount", "days", NULL };
	const char *code;
	json_t *v;
	json_object_foreach ((json_t *)o, code, v) {
		if (s->cycle_count == STATE_CYCLES_MAX)
			return;
		state_cycle *c = &s->cycles[s->cycle_count++];
		form_keys(f, v, keys);
		c->code = form_copy(f, code);
		if (!form_time(f, v, "begin", &c->begin))
			form_refuse(f, "usage.cycle", "cycles", "says in 'begin' when the cycle began that was cut");
		c->amount = form_need_decimal(f, v, "amount");
		c->days = form_int(f, v, "days", 0, 4000, 0);
	}
}

void state_read(form *f, const json_t *o, usage_state *s)
{
	static const char *const keys[] = { "ladders", "peaks",	   "energy", "energy_total",
					    "money",   "rounding", "years",  "cycles", NULL };
	form_keys(f, o, keys);
	if (json_object_get(o, "ladders"))
		state_prior_read(f, json_object_get(o, "ladders"), s);
	state_peaks_read(f, json_object_get(o, "peaks"), s);
	years_read(f, json_object_get(o, "years"), s);
	cycles_read(f, json_object_get(o, "cycles"), s);
	const char *period;
	json_t *v;
	json_object_foreach ((json_t *)json_object_get(o, "energy"), period, v) {
		if (s->energy_count == CALENDAR_PERIODS_MAX)
			break;
		s->energy[s->energy_count].period = form_copy(f, period);
		form_number(f, v, &s->energy[s->energy_count++].value);
	}
	form_decimal(f, o, "energy_total", &s->energy_total);
	form_decimal(f, o, "money", &s->money);
	form_decimal(f, o, "rounding", &s->rounding);
}

void usage_state_copy(usage_state *to, const usage_state *from)
{
	to->ladder_count = from->ladder_count;
	to->peak_count = from->peak_count;
	to->energy_count = from->energy_count;
	to->year_count = from->year_count;
	to->cycle_count = from->cycle_count;
	memcpy(to->ladders, from->ladders, from->ladder_count * sizeof *to->ladders);
	memcpy(to->peaks, from->peaks, from->peak_count * sizeof *to->peaks);
	memcpy(to->energy, from->energy, from->energy_count * sizeof *to->energy);
	memcpy(to->cycles, from->cycles, from->cycle_count * sizeof *to->cycles);
	memcpy(to->years, from->years, from->year_count * sizeof *to->years);
	to->energy_total = from->energy_total;
	to->money = from->money;
	to->rounding = from->rounding;
}
