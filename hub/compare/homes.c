#include "compare/homes.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

enum { PAGE = 1024 };

const char *const compare_commodities[COMPARISON_USES + 1] = { "electricity", "water", "gas", "heat", NULL };
const char *const compare_quantities[COMPARISON_USES] = { "active_energy_import", "water_volume", "gas_volume",
							  "heat_energy" };

int compare_commodity(const char *name)
{
	for (int c = 0; c < COMPARISON_USES; c++)
		if (!strcmp(compare_commodities[c], name))
			return c;
	return -1;
}

/* The code of a word; the 257th kind of dwelling is one too many. */
static hub_status code_of(run *r, words *w, const char *text, const char **ret, uint8_t *ret_code)
{
	size_t i = 0;
	while (i < w->count && strcmp(w->list[i], text))
		i++;
	if (i == sizeof w->list / sizeof *w->list)
		return HUB_RANGE;
	if (i == w->count) {
		w->list[i] = arena_strdup(&r->words_at, text);
		if (!w->list[i])
			return HUB_NOMEM;
		w->count++;
	}
	*ret = w->list[i];
	*ret_code = (uint8_t)i;
	return HUB_OK;
}

static hub_status name_home(run *r, run_home *h, const char *dwelling, const char *heating)
{
	hub_status st = code_of(r, &r->dwellings, dwelling, &h->dwelling, &h->dwelling_code);
	return st == HUB_OK ? code_of(r, &r->heatings, heating, &h->heating, &h->heating_code) : st;
}

static run_home *next_home(run *r)
{
	run_home *more = grow(r->homes, r->count, &r->cap, sizeof *more, 4096);
	if (!more)
		return NULL;
	r->homes = more;
	r->homes[r->count] = (run_home) { .account = 0 };
	return &r->homes[r->count++];
}

/* An area of up to 40,000,000 m²; what is finer than 0.01 m² is rounded. */
static uint32_t area_of(hub_value v)
{
	int64_t area = 0;
	if (v.digits < 0 || decimal_to_int64(decimal_of_value(v), 2, DECIMAL_HALF_UP, &area) != HUB_OK ||
	    area > INT32_MAX)
		return 0;
	return (uint32_t)area;
}

/* What an account's places say of its home. */
static hub_status home_of(run *r, const comparison_place *list, size_t count, run_home *h)
{
	const comparison_place *p = &list[0];
	bool out = false;
	for (size_t i = 0; i < count; i++) {
		int c = compare_commodity(list[i].commodity);
		out |= list[i].out;
		if (c >= 0)
			h->use[c].supplied = true;
		p = p->premise ? p : &list[i];
	}
	h->account = p->account;
	h->revision = p->revision;
	h->premise = p->premise;
	h->occupants = p->occupants;
	h->area = area_of(p->area);
	h->placed = p->placed;
	h->lon = p->lon;
	h->lat = p->lat;
	bool known = *p->dwelling && *p->heating && h->area && p->placed;
	h->reason = out ? "out" : !p->premise ? "premise" : !known ? "attributes" : p->vacant ? "vacant" : NULL;
	for (size_t i = 0; i < count; i++)
		if (list[i].premise && list[i].premise != p->premise && !out)
			h->reason = "premise";
	return name_home(r, h, p->dwelling, p->heating);
}

/* What stands there of an earlier run: the home as it was then, which is what it stays. */
static hub_status take_stored(run *r, run_home *h, const comparison_home *s)
{
	h->stored = true;
	h->parted = h->reason && !strcmp(h->reason, "out");
	if (h->parted || s->revision != h->revision)
		return HUB_OK;
	h->reason = NULL;
	h->premise = s->premise;
	h->area = (uint32_t)s->area;
	h->occupants = s->occupants;
	h->x = s->x;
	h->y = s->y;
	h->placed = false; /* it is on the plane already */
	for (int c = 0; c < COMPARISON_USES; c++) {
		h->use[c].known = s->known[c];
		h->use[c].own = s->use[c];
	}
	return name_home(r, h, s->dwelling, s->heating);
}

static run_home *home_in(run *r, size_t from, int64_t account)
{
	size_t low = from, high = r->count;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (r->homes[mid].account < account)
			low = mid + 1;
		else
			high = mid;
	}
	return low < r->count && r->homes[low].account == account ? &r->homes[low] : NULL;
}

static hub_status take_earlier(run *r, size_t from, int64_t after, arena *a)
{
	comparison_home *stored;
	comparison *told;
	size_t count = 0, n = r->count - from;
	int64_t *accounts = arena_array(a, n, sizeof *accounts);
	hub_status st =
	    accounts ? comparison_homes(r->db, r->order->cycle, 0, after, PAGE, a, &stored, &count) : HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		run_home *h = home_in(r, from, stored[i].account);
		st = h ? take_stored(r, h, &stored[i]) : HUB_OK;
	}
	for (size_t i = 0; st == HUB_OK && i < n; i++)
		accounts[i] = r->homes[from + i].account;
	if (st == HUB_OK)
		st = comparison_list(r->db, accounts, n, r->order->cycle, a, &told, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		run_home *h = home_in(r, from, told[i].account);
		int c = compare_commodity(told[i].commodity);
		if (!h || c < 0 || told[i].revision != h->revision)
			continue;
		h->use[c].answered = !*told[i].reason;
		h->use[c].before = *told[i].reason ? arena_strdup(&r->words_at, told[i].reason) : NULL;
		h->use[c].amount = decimal_of_value(told[i].amount);
		h->use[c].covered = told[i].days * (INT64_C(86400000000) / 100);
		h->use[c].factor = told[i].factor;
		st = *told[i].reason && !h->use[c].before ? HUB_NOMEM : HUB_OK;
	}
	return st;
}

static hub_status gather_page(run *r, int64_t *after, bool *ret_more, hub_fault *fault)
{
	arena a;
	comparison_place *places;
	size_t count = 0, from = r->count;
	int64_t last = 0;
	arena_init(&a, 0);
	hub_status st =
	    comparison_places(r->db, r->order->cycle, r->start, r->end, *after, PAGE, 0, &a, &places, &count, &last);
	*ret_more = last != 0;
	for (size_t i = 0, n; st == HUB_OK && i < count; i += n) {
		for (n = 1; i + n < count && places[i + n].account == places[i].account; n++)
			;
		run_home *h = next_home(r);
		st = h ? home_of(r, places + i, n, h) : HUB_NOMEM;
	}
	if (st == HUB_RANGE)
		st = hub_fault_set(fault, "compare.words", "dwelling",
				   "there are more than 256 kinds of dwelling or heating");
	if (st == HUB_OK && count)
		st = take_earlier(r, from, *after, &a);
	for (size_t i = from; st == HUB_OK && i < r->count; i++)
		for (int c = 0; c < COMPARISON_USES; c++) {
			home_use *u = &r->homes[i].use[c];
			u->wanted =
			    u->supplied && !u->answered && (!r->order->commodities || r->order->commodities >> c & 1);
		}
	if (st == HUB_OK && count)
		st = run_measure(r, from, places, count);
	*after = last;
	arena_fini(&a);
	return st;
}

hub_status run_gather(run *r, hub_fault *fault)
{
	int64_t after = 0;
	bool more = true;
	hub_status st = HUB_OK;
	while (st == HUB_OK && more)
		st = gather_page(r, &after, &more, fault);
	return st;
}
