/* hubctl command: send, approve, cancel, list, trace, kinds. */
#include "command/commands.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/json.h"
#include "ctl/actor.h"
#include "ctl/words.h"
#include "store/point.h"

#define SECOND INT64_C(1000000)

enum { LIST = 100, VALID_FOR = 300 /* s */ };

static commands_caller caller_of(const actor *who)
{
	return (commands_caller) { &who->party, who->rules };
}

static hub_status show(ctl *c, const command *one, bool with_steps, arena *a)
{
	buf out = { 0 };
	point *p;
	size_t count, step_count = 0;
	command_step *steps = NULL;
	hub_status st = point_by_ids(c->db, &one->point, 1, a, &p, &count);
	if (st == HUB_OK && with_steps)
		st = command_steps(c->db, one->point, one->id, a, &steps, &step_count);
	if (st == HUB_OK) {
		commands_write(&out, one, count ? p->code : "", steps, step_count);
		printf("%s\n", buf_cstr(&out));
	}
	buf_fini(&out);
	return st;
}

static bool all_ended(ctl *c, command *list, size_t count, arena *a)
{
	bool ended = true;
	for (size_t i = 0; i < count; i++) {
		if (!list[i].ended)
			command_by_id(c->db, list[i].id, a, &list[i]);
		ended = ended && list[i].ended;
	}
	return ended;
}

static void wait_for(ctl *c, command *list, size_t count, uint64_t seconds, arena *a)
{
	const struct timespec pause = { 0, 100000000 };
	int64_t until = clock_monotonic() + (int64_t)seconds * SECOND;
	while (!all_ended(c, list, count, a) && clock_monotonic() < until)
		nanosleep(&pause, NULL);
}

static hub_status send(ctl *c, int *argc, char **argv, arena *a, actor *who, hub_fault *fault)
{
	int bad = 0;
	hub_setting *arguments;
	command *list;
	size_t count;
	uint64_t valid, wait;
	commands_wish w = { .kind = ctl_take(argc, argv, "kind", 1, &bad),
			    .channel = ctl_take(argc, argv, "channel", 1, &bad),
			    .reason = ctl_take(argc, argv, "reason", 1, &bad),
			    .key = ctl_take(argc, argv, "key", 1, &bad),
			    .by = actor_person(argc, argv, &bad) };
	const char *expires = ctl_take(argc, argv, "expires", 1, &bad), *waits = ctl_take(argc, argv, "wait", 1, &bad);
	hub_status st = word_list(argc, argv, "point", a, (const char ***)&w.points, &w.point_count);
	if (st == HUB_OK)
		st = word_pairs(argc, argv, "argument", a, &arguments, &w.argument_count, fault);
	if (st == HUB_OK)
		st = word_number(expires, VALID_FOR, &valid, fault);
	if (st == HUB_OK)
		st = word_number(waits, 0, &wait, fault);
	if (st == HUB_OK &&
	    (bad || *argc != 1 || !w.kind || !w.reason || !w.point_count || valid > INT32_MAX || wait > INT32_MAX))
		st = hub_fault_set(fault, "command.arguments", "",
				   "--party, --point, --kind and --reason are needed; see hubctl help command send");
	if (st != HUB_OK)
		return st;
	w.arguments = arguments;
	w.expires = clock_now() + (hub_time)valid * SECOND;
	const commands_caller caller = caller_of(who);
	st = commands_ask(c->db, &caller, &w, a, &list, &count, fault);
	if (st == HUB_OK && wait)
		wait_for(c, list, count, wait, a);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = show(c, &list[i], wait > 0, a);
	return st;
}

int ctl_command_send(ctl *c, int argc, char **argv)
{
	return actor_do(c, argc, argv, "command send", send);
}

typedef hub_status (*decision)(store *db, const commands_caller *who, int64_t id, const char *by, arena *a,
			       command *ret, hub_fault *fault);

static hub_status decide(ctl *c, int *argc, char **argv, arena *a, actor *who, decision how, hub_fault *fault)
{
	int bad = 0;
	const char *by = actor_person(argc, argv, &bad);
	const commands_caller caller = caller_of(who);
	uint64_t id = 0;
	command one;
	hub_status st = *argc == 2 && !bad
			    ? word_number(argv[1], 0, &id, fault)
			    : hub_fault_set(fault, "command.arguments", "", "one command's number is needed");
	if (st == HUB_OK)
		st = how(c->db, &caller, (int64_t)id, by, a, &one, fault);
	return st == HUB_OK ? show(c, &one, false, a) : st;
}

static hub_status approve(ctl *c, int *argc, char **argv, arena *a, actor *who, hub_fault *fault)
{
	return decide(c, argc, argv, a, who, commands_approve, fault);
}

static hub_status cancel(ctl *c, int *argc, char **argv, arena *a, actor *who, hub_fault *fault)
{
	return decide(c, argc, argv, a, who, commands_cancel, fault);
}

int ctl_command_approve(ctl *c, int argc, char **argv)
{
	return actor_do(c, argc, argv, "command approve", approve);
}

int ctl_command_cancel(ctl *c, int argc, char **argv)
{
	return actor_do(c, argc, argv, "command cancel", cancel);
}

static hub_status list(ctl *c, int *argc, char **argv, arena *a, hub_fault *fault)
{
	int bad = 0;
	command_filter f = { .state = ctl_take(argc, argv, "state", 1, &bad),
			     .meter = ctl_take(argc, argv, "meter", 1, &bad) };
	const char *code = ctl_take(argc, argv, "point", 1, &bad), *limit_word = ctl_take(argc, argv, "limit", 1, &bad);
	uint64_t limit;
	command *rows;
	size_t count;
	hub_status st = word_number(limit_word, LIST, &limit, fault);
	if (st == HUB_OK && code)
		st = word_point(c->db, code, a, &f.point, fault);
	if (st == HUB_OK && (bad || *argc != 1))
		st = hub_fault_set(fault, "command.arguments", "", "see hubctl help command list");
	if (st == HUB_OK)
		st = command_list(c->db, &f, limit, a, &rows, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = show(c, &rows[i], false, a);
	return st;
}

int ctl_command_list(ctl *c, int argc, char **argv)
{
	arena a;
	hub_fault fault = { 0 };
	arena_init(&a, 0);
	hub_status st = list(c, &argc, argv, &a, &fault);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("command list", st, &fault);
}

int ctl_command_trace(ctl *c, int argc, char **argv)
{
	arena a;
	hub_fault fault = { 0 };
	uint64_t id = 0;
	command one;
	arena_init(&a, 0);
	hub_status st = argc == 2 ? word_number(argv[1], 0, &id, &fault)
				  : hub_fault_set(&fault, "command.arguments", "", "one command's number is needed");
	if (st == HUB_OK)
		st = command_by_id(c->db, (int64_t)id, &a, &one);
	if (st == HUB_MISSING)
		hub_fault_set(&fault, "command.unknown", "id", "there is no command %s", argv[1]);
	if (st == HUB_OK)
		st = show(c, &one, true, &a);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("command trace", st, &fault);
}

int ctl_command_kinds(ctl *c, int argc, char **argv)
{
	(void)c;
	(void)argv;
	if (argc != 1)
		return ctl_usage("command kinds");
	for (size_t i = 0; i < command_kind_count; i++) {
		const command_kind *k = &command_kinds[i];
		printf("%-18s %s · %s", k->name, k->zh, k->en);
		for (size_t n = 0; n < KIND_ARGUMENTS && k->arguments[n].name; n++)
			printf("%s%s=%s%s", n ? " " : " (", k->arguments[n].name, k->arguments[n].rule,
			       k->arguments[n].required ? "" : "?");
		printf("%s\n", k->arguments[0].name ? ")" : "");
	}
	return CTL_OK;
}
