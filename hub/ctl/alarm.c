/* hubctl alarm: list, ack, and the rules that raise them. */
#include "alarm/rules.h"

#include <stdio.h>
#include <string.h>

#include "ctl/actor.h"
#include "ctl/words.h"
#include "store/point.h"

#define SECOND INT64_C(1000000)

enum { LIST = 100 };

static alarm_caller caller_of(const actor *who)
{
	return (alarm_caller) { .party = &who->party, .rules = who->rules };
}

static hub_status say(buf *out)
{
	hub_status st = out->bad ? HUB_NOMEM : HUB_OK;
	if (st == HUB_OK)
		printf("%s\n", buf_cstr(out));
	buf_fini(out);
	return st;
}

static hub_status say_rule(ctl *c, const alarm_rule *r, arena *a)
{
	buf out = { 0 };
	point *p;
	size_t count = 0;
	hub_status st = r->point ? point_by_ids(c->db, &r->point, 1, a, &p, &count) : HUB_OK;
	if (st != HUB_OK)
		return st;
	alarm_rule_write(&out, r, count ? p->code : "");
	return say(&out);
}

static hub_status say_alarm(const alarm_row *al)
{
	buf out = { 0 };
	alarm_write(&out, al);
	return say(&out);
}

static hub_status read_wish(int *argc, char **argv, alarm_wish *w, hub_fault *fault)
{
	int bad = 0;
	uint64_t hold = 0, clear_hold = 0, escalate = 0;
	const char *point_code = ctl_take(argc, argv, "point", 1, &bad), *held, *clear_held, *escalated;
	*w = (alarm_wish) { .point = point_code ? point_code : "",
			    .kind = ctl_take(argc, argv, "kind", 1, &bad),
			    .standing = ctl_take(argc, argv, "standing", 1, &bad),
			    .channel = ctl_take(argc, argv, "channel", 1, &bad),
			    .severity = ctl_take(argc, argv, "severity", 1, &bad),
			    .subject = ctl_take(argc, argv, "subject", 1, &bad),
			    .quantity = ctl_take(argc, argv, "quantity", 1, &bad),
			    .raise = ctl_take(argc, argv, "raise", 1, &bad),
			    .clear = ctl_take(argc, argv, "clear", 1, &bad),
			    .unit = ctl_take(argc, argv, "unit", 1, &bad),
			    .quiet = ctl_take(argc, argv, "quiet", 1, &bad),
			    .cut_off = ctl_take(argc, argv, "cut-off", 0, &bad) != NULL,
			    .by = actor_person(argc, argv, &bad) };
	held = ctl_take(argc, argv, "hold", 1, &bad);
	clear_held = ctl_take(argc, argv, "clear-hold", 1, &bad);
	escalated = ctl_take(argc, argv, "escalate", 1, &bad);
	hub_status st = word_number(held, 0, &hold, fault);
	if (st == HUB_OK)
		st = word_number(clear_held, 0, &clear_hold, fault);
	if (st == HUB_OK)
		st = word_number(escalated, 0, &escalate, fault);
	if (st == HUB_OK && (bad || *argc != 1 || !w->kind || hold > INT32_MAX || clear_hold > INT32_MAX || escalate > INT32_MAX))
		st = hub_fault_set(fault, "command.arguments", "", "--party and --kind are needed; see hubctl help alarm rule");
	w->hold = (int64_t)hold * SECOND;
	w->clear_hold = (int64_t)clear_hold * SECOND;
	w->escalate = (int64_t)escalate * SECOND;
	return st;
}

static hub_status add(ctl *c, int *argc, char **argv, arena *a, actor *who, hub_fault *fault)
{
	const alarm_caller caller = caller_of(who);
	alarm_wish w;
	alarm_rule r;
	hub_status st = read_wish(argc, argv, &w, fault);
	if (st == HUB_OK)
		st = alarm_rules_set(c->db, &caller, &w, a, &r, fault);
	return st == HUB_OK ? say_rule(c, &r, a) : st;
}

static hub_status number_of(int argc, char **argv, int bad, uint64_t *ret, hub_fault *fault)
{
	return argc == 2 && !bad ? word_number(argv[1], 0, ret, fault)
				 : hub_fault_set(fault, "command.arguments", "", "one number is needed");
}

static hub_status approve(ctl *c, int *argc, char **argv, arena *a, actor *who, hub_fault *fault)
{
	const alarm_caller caller = caller_of(who);
	int bad = 0;
	const char *by = actor_person(argc, argv, &bad);
	uint64_t id = 0;
	alarm_rule r;
	hub_status st = number_of(*argc, argv, bad, &id, fault);
	if (st == HUB_OK)
		st = alarm_rules_approve(c->db, &caller, (int64_t)id, by, a, &r, fault);
	return st == HUB_OK ? say_rule(c, &r, a) : st;
}

static hub_status end(ctl *c, int *argc, char **argv, arena *a, actor *who, hub_fault *fault)
{
	const alarm_caller caller = caller_of(who);
	uint64_t id = 0;
	hub_status st = number_of(*argc, argv, 0, &id, fault);
	return st == HUB_OK ? alarm_rules_end(c->db, &caller, (int64_t)id, a, fault) : st;
}

static hub_status ack(ctl *c, int *argc, char **argv, arena *a, actor *who, hub_fault *fault)
{
	const alarm_caller caller = caller_of(who);
	int bad = 0;
	const char *by = actor_person(argc, argv, &bad), *note = ctl_take(argc, argv, "note", 1, &bad);
	uint64_t id = 0;
	alarm_row al;
	hub_status st = number_of(*argc, argv, bad, &id, fault);
	if (st == HUB_OK)
		st = alarm_rules_acknowledge(c->db, &caller, (int64_t)id, by, note ? note : "", a, &al, fault);
	return st == HUB_OK ? say_alarm(&al) : st;
}

/* --party CODE and --point CODE, both optional. */
static hub_status narrow(ctl *c, int *argc, char **argv, arena *a, int64_t *ret_party, int64_t *ret_point, uint64_t *ret_limit,
			 hub_fault *fault)
{
	int bad = 0;
	const char *code = ctl_take(argc, argv, "party", 1, &bad), *point_code = ctl_take(argc, argv, "point", 1, &bad),
		   *limit = ctl_take(argc, argv, "limit", 1, &bad);
	hub_status st = word_number(limit, LIST, ret_limit, fault);
	if (st == HUB_OK && code)
		st = word_party(c->db, code, a, ret_party, fault);
	if (st == HUB_OK && point_code)
		st = word_point(c->db, point_code, a, ret_point, fault);
	if (st == HUB_OK && (bad || *argc != 1))
		st = hub_fault_set(fault, "command.arguments", "", "see hubctl help alarm");
	return st;
}

static hub_status list(ctl *c, int *argc, char **argv, arena *a, hub_fault *fault)
{
	int bad = 0;
	alarm_filter f = { .state = ctl_take(argc, argv, "open", 0, &bad) ? "open" : NULL };
	uint64_t limit;
	alarm_row *rows;
	size_t count = 0;
	if (ctl_take(argc, argv, "new", 0, &bad))
		f.state = "new";
	hub_status st = narrow(c, argc, argv, a, &f.party, &f.point, &limit, fault);
	if (st == HUB_OK)
		st = alarm_list(c->db, &f, limit, a, &rows, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = say_alarm(&rows[i]);
	return st;
}

static hub_status rules(ctl *c, int *argc, char **argv, arena *a, hub_fault *fault)
{
	int64_t of_party = 0, of_point = 0;
	uint64_t limit;
	alarm_rule *rows;
	size_t count = 0;
	hub_status st = narrow(c, argc, argv, a, &of_party, &of_point, &limit, fault);
	if (st == HUB_OK)
		st = alarm_rule_list(c->db, of_point, of_party, 0, limit, a, &rows, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = say_rule(c, &rows[i], a);
	return st;
}

static int look(ctl *c, int argc, char **argv, const char *name,
		hub_status (*run)(ctl *, int *, char **, arena *, hub_fault *))
{
	arena a;
	hub_fault fault = { 0 };
	arena_init(&a, 0);
	hub_status st = run(c, &argc, argv, &a, &fault);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail(name, st, &fault);
}

int ctl_alarm_list(ctl *c, int argc, char **argv)
{
	return look(c, argc, argv, "alarm list", list);
}

int ctl_alarm_ack(ctl *c, int argc, char **argv)
{
	return actor_do(c, argc, argv, "alarm ack", ack);
}

/* alarm rule add|list|approve|end: the table of commands has names of two words. */
int ctl_alarm_rule(ctl *c, int argc, char **argv)
{
	static const struct {
		const char *word;
		actor_run run;
	} verbs[] = { { "add", add }, { "approve", approve }, { "end", end } };
	if (argc > 1 && !strcmp(argv[1], "list"))
		return look(c, argc - 1, argv + 1, "alarm rule", rules);
	for (size_t i = 0; argc > 1 && i < sizeof verbs / sizeof *verbs; i++)
		if (!strcmp(argv[1], verbs[i].word))
			return actor_do(c, argc - 1, argv + 1, "alarm rule", verbs[i].run);
	return ctl_usage("alarm rule");
}
