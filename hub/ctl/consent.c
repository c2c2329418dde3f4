#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "consent/grant.h"
#include "consent/text.h"
#include "ctl/words.h"
#include "store/party.h"
#include "store/point.h"

static void show(const consent *c)
{
	buf b = { 0 };
	consent_write(&b, c, clock_now());
	puts(buf_cstr(&b));
	buf_fini(&b);
}

/* An occupant of now, else an owner: whose word it is, if nobody is named. */
static hub_status only_grantor(ctl *c, int64_t point_id, arena *a, const char **ret, hub_fault *fault)
{
	static const char *const roles[] = { "occupant", "owner" };
	point *p;
	party who;
	size_t count;
	hub_time now = clock_now();
	hub_status st = point_by_ids(c->db, &point_id, 1, a, &p, &count);
	for (size_t r = 0; st == HUB_OK && r < 2; r++)
		for (size_t i = 0; count && i < p->party_count; i++) {
			const point_party *pp = &p->parties[i];
			if (strcmp(pp->role, roles[r]) || pp->valid_from > now || (pp->valid_to && pp->valid_to <= now))
				continue;
			st = party_by_id(c->db, pp->party, a, &who);
			*ret = who.code;
			return st;
		}
	if (st != HUB_OK)
		return st;
	return hub_fault_set(fault, "consent.grantor", "grantor", "the point has neither occupant nor owner; point add names them");
}

static hub_status take_times(int *argc, char **argv, grant_wish *w, int *bad, hub_fault *fault)
{
	static const char *const names[] = { "from", "to", "data-from", "data-to" };
	hub_time *const times[] = { &w->valid_from, &w->valid_to, &w->data_from, &w->data_to };
	hub_status st = HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < 4; i++)
		st = word_time(ctl_take(argc, argv, names[i], 1, bad), 0, times[i], fault);
	return st;
}

static hub_status grant(ctl *c, int *argc, char **argv, arena *a, hub_fault *fault)
{
	int bad = 0;
	bool repeated;
	consent made;
	grant_wish w = { .by = "operator" };
	w.grantor = ctl_take(argc, argv, "grantor", 1, &bad);
	w.grantee = ctl_take(argc, argv, "grantee", 1, &bad);
	w.purpose = ctl_take(argc, argv, "purpose", 1, &bad);
	w.commodity = ctl_take(argc, argv, "commodity", 1, &bad);
	const char *grain = ctl_take(argc, argv, "granularity", 1, &bad);
	hub_status st = take_times(argc, argv, &w, &bad, fault);
	if (st == HUB_OK && (bad || *argc != 2 || !w.grantee || !w.purpose || ctl_leftover("consent grant", *argc, argv)))
		st = hub_fault_set(fault, "consent.arguments", "", "a point, --grantee and --purpose are needed; see hubctl help consent grant");
	if (st == HUB_OK && !consent_grain_parse(grain ? grain : "day", &w.grain))
		st = hub_fault_set(fault, "consent.granularity", "granularity", "--granularity is raw, 15min, hour, day or month");
	if (st == HUB_OK)
		st = word_point(c->db, argv[1], a, &w.point, fault);
	if (st == HUB_OK && !w.grantor)
		st = only_grantor(c, w.point, a, &w.grantor, fault);
	if (st == HUB_OK)
		st = grant_make(c->db, &w, clock_now(), a, &made, &repeated, fault);
	if (st == HUB_OK)
		show(&made);
	return st;
}

int ctl_consent_grant(ctl *c, int argc, char **argv)
{
	arena a;
	hub_fault fault = { 0 };
	arena_init(&a, 0);
	hub_status st = grant(c, &argc, argv, &a, &fault);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("consent grant", st, &fault);
}

static hub_status withdraw(ctl *c, const char *word, arena *a, hub_fault *fault)
{
	uint64_t id;
	consent ended;
	hub_status st = word_number(word, 0, &id, fault);
	if (st == HUB_OK)
		st = grant_withdraw(c->db, id, "operator", a, &ended);
	if (st == HUB_MISSING)
		hub_fault_set(fault, "consent.unknown", "id", "there is no consent '%.32s'", word);
	if (st == HUB_OK)
		show(&ended);
	return st;
}

int ctl_consent_withdraw(ctl *c, int argc, char **argv)
{
	arena a;
	hub_fault fault = { 0 };
	hub_status st = HUB_OK;
	if (ctl_leftover("consent withdraw", argc, argv) || argc < 2)
		return ctl_usage("consent withdraw");
	arena_init(&a, 0);
	for (int i = 1; st == HUB_OK && i < argc; i++)
		st = withdraw(c, argv[i], &a, &fault);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("consent withdraw", st, &fault);
}

enum { PAGE = 500 };

static hub_status list(ctl *c, consent_filter *f, arena *a)
{
	consent *page;
	uint64_t before = 0;
	size_t count = PAGE;
	hub_status st = HUB_OK;
	while (st == HUB_OK && count == PAGE) {
		arena_reset(a);
		st = consent_list(c->db, f, before, PAGE, a, &page, &count);
		for (size_t i = 0; st == HUB_OK && i < count; i++) {
			show(&page[i]);
			before = page[i].id;
		}
	}
	return st;
}

int ctl_consent_list(ctl *c, int argc, char **argv)
{
	arena a;
	int bad = 0;
	hub_fault fault = { 0 };
	consent_filter f = { 0 };
	const char *grantor = ctl_take(&argc, argv, "grantor", 1, &bad), *grantee = ctl_take(&argc, argv, "grantee", 1, &bad),
		   *code = ctl_take(&argc, argv, "point", 1, &bad);
	f.active = ctl_take(&argc, argv, "active", 0, &bad) != NULL;
	if (bad || ctl_leftover("consent list", argc, argv) || argc > 2)
		return ctl_usage("consent list");
	arena_init(&a, 0);
	hub_status st = argc == 2 ? word_party(c->db, argv[1], &a, &f.party, &fault) : HUB_OK;
	if (st == HUB_OK && grantor)
		st = word_party(c->db, grantor, &a, &f.grantor, &fault);
	if (st == HUB_OK && grantee)
		st = word_party(c->db, grantee, &a, &f.grantee, &fault);
	if (st == HUB_OK && code)
		st = word_point(c->db, code, &a, &f.point, &fault);
	if (st == HUB_OK)
		st = list(c, &f, &a);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("consent list", st, &fault);
}

static hub_status compare(ctl *c, char **argv, bool out, arena *a, hub_fault *fault)
{
	int64_t point_id, party_id = 0;
	const char *code;
	hub_status st = word_point(c->db, argv[1], a, &point_id, fault);
	if (st == HUB_OK)
		st = only_grantor(c, point_id, a, &code, fault);
	if (st == HUB_OK)
		st = word_party(c->db, code, a, &party_id, fault);
	if (st == HUB_OK)
		st = comparison_choose(c->db, point_id, party_id, out);
	if (st == HUB_OK)
		printf("%s is %s comparisons, by the word of %s\n", argv[1], out ? "out of" : "in", code);
	return st;
}

int ctl_consent_comparison(ctl *c, int argc, char **argv)
{
	arena a;
	hub_fault fault = { 0 };
	if (ctl_leftover("consent comparison", argc, argv) || argc != 3 || (strcmp(argv[2], "in") && strcmp(argv[2], "out")))
		return ctl_usage("consent comparison");
	arena_init(&a, 0);
	hub_status st = compare(c, argv, !strcmp(argv[2], "out"), &a, &fault);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("consent comparison", st, &fault);
}
