#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fail.h"
#include "hubd/configure.h"
#include "hubd/work.h"
#include "store/epoch.h"
#include "store/policy_version.h"
#include "wire/order.h"

/* µs */
#define LOOK 250000
#define ANSWER 3000000
#define RETRY 2000000
#define AGAIN_AFTER 60000000

typedef struct target {
	const char *name;
	wire_asker *asker;
	bool connected, told;
	int64_t told_at;
	int64_t instance_epoch, point_epoch, charger_epoch;
	char policy_version[RULES_VERSION + 1];
	bool refused; /* logged once */
} target;

struct configurator {
	const core *core;
	pthread_t thread;
	worker worker;
	uint64_t sequence;
	int64_t policy_epoch;
	char policy_version[RULES_VERSION + 1];
	size_t count;
	target targets[];
};

static hub_status order(configurator *s, target *t, const char *what, const char *subject, const buf *body)
{
	buf msg = { 0 }, answer = { 0 };
	wire_report report = { 0 };
	hub_fault fault = { 0 };
	const wire_order o = { .head = { WIRE_VERSION, WIRE_ORDER, "hubd", s->core->epoch, ++s->sequence, trace_new() },
			       .what = what,
			       .subject = subject,
			       .body = body->bytes,
			       .body_len = body->len };
	wire_order_pack(&msg, &o);
	hub_status st = msg.bad ? HUB_NOMEM : wire_ask(t->asker, msg.bytes, msg.len, ANSWER, ANSWER, &answer);
	if (st == HUB_OK)
		st = wire_report_unpack(answer.bytes, answer.len, &s->worker.memory, &report, &fault);
	if (st == HUB_OK && report.status != HUB_OK) {
		st = report.status;
		if (!t->refused)
			log_warn("daemon '%s' refuses %s %s: %s (%s)", t->name, what, subject, report.message,
				 report.code);
		t->refused = true;
	}
	buf_fini(&msg);
	buf_fini(&answer);
	return st;
}

typedef hub_status (*maker)(store *db, const char *daemon_name, arena *a, buf *out);

static hub_status make_tags(store *db, const char *daemon_name, arena *a, buf *out)
{
	(void)daemon_name;
	return configure_tags(db, a, out);
}

static hub_status make_chargers(store *db, const char *daemon_name, arena *a, buf *out)
{
	(void)daemon_name;
	return configure_chargers(db, a, out);
}

/* A table that the daemon refuses does not keep its instances from it. HUB_AGAIN: it does not answer. */
static hub_status tell_table(configurator *s, target *t, const char *name, maker make)
{
	buf table = { 0 };
	hub_status st = make(s->worker.db, t->name, &s->worker.memory, &table);
	if (st == HUB_OK) {
		st = order(s, t, "table", name, &table);
		if (st == HUB_RANGE && !t->refused) {
			log_warn("daemon '%s': the table '%s' has more rows than it takes", t->name, name);
			t->refused = true;
		}
		st = st == HUB_AGAIN ? st : HUB_OK;
	}
	buf_fini(&table);
	return st;
}

/* What we decide by, for the broker beside the daemon. HUB_AGAIN: the daemon does not answer. */
static hub_status tell_policies(configurator *s, target *t)
{
	inforce *rules = api_rules(s->core->api);
	const ruleset *now = inforce_take(rules);
	hub_status st = HUB_OK;
	if (now) {
		/* Only read by the order. */
		const buf body = { .bytes = (uint8_t *)(uintptr_t)now->bundle, .len = strlen(now->bundle) };
		st = order(s, t, "keep", "policies", &body);
		snprintf(t->policy_version, sizeof t->policy_version, "%s", now->version);
	}
	inforce_give(rules, now);
	return st == HUB_AGAIN ? st : HUB_OK;
}

static hub_status tell(configurator *s, target *t)
{
	static const struct {
		const char *name;
		maker make;
	} tables[] = { { "meters", configure_meters }, { "charge_tags", make_tags }, { "chargers", make_chargers } };
	buf instances = { 0 };
	hub_status st = HUB_OK;
	st = tell_policies(s, t);
	for (size_t i = 0; st == HUB_OK && i < sizeof tables / sizeof *tables; i++)
		st = tell_table(s, t, tables[i].name, tables[i].make);
	if (st == HUB_OK)
		st = configure_instances(s->worker.db, t->name, &s->worker.memory, &instances);
	if (st == HUB_OK)
		st = order(s, t, "configure", "", &instances);
	buf_fini(&instances);
	return st;
}

static bool is_due(const configurator *s, const target *t, int64_t now, int64_t instances, int64_t points, int64_t chargers)
{
	if (!t->told)
		return now - t->told_at > RETRY;
	return now - t->told_at > AGAIN_AFTER || t->instance_epoch != instances || t->point_epoch != points ||
	       t->charger_epoch != chargers || strcmp(t->policy_version, s->policy_version) != 0;
}

/* Whoever changed the files bumped the epoch; what we decide by then is written down for all to see. */
static hub_status look_at_policies(configurator *s)
{
	char process[128] = "hubd@", host[100] = "";
	int64_t epoch;
	bool changed;
	hub_fault fault = { 0 };
	inforce *rules = api_rules(s->core->api);
	hub_status st = epoch_get(s->worker.db, "policy", &epoch);
	if (st != HUB_OK)
		return st;
	if (s->policy_epoch && s->policy_epoch != epoch && inforce_again(rules, &changed, &fault) != HUB_OK)
		log_error("policies: %s (%s); the old ones stay", fault.message, fault.code ? fault.code : "policy.load");
	const ruleset *now = inforce_take(rules);
	if (now && (s->policy_epoch != epoch || strcmp(s->policy_version, now->version))) {
		gethostname(host, sizeof host - 1);
		strcat(process, host);
		const policy_version v = { process, now->version, now->topology, now->folder, (int32_t)now->count, 0 };
		st = policy_version_put(s->worker.db, &v);
		if (st == HUB_OK && strcmp(s->policy_version, now->version))
			log_info("policies: version %s, %zu of %s for %s", now->version, now->count, now->folder, now->topology);
		if (st == HUB_OK)
			snprintf(s->policy_version, sizeof s->policy_version, "%s", now->version);
	}
	inforce_give(rules, now);
	if (st == HUB_OK)
		s->policy_epoch = epoch;
	return st;
}

static hub_status look(configurator *s)
{
	int64_t instances, points, chargers, now = clock_monotonic();
	hub_status st = worker_ready(&s->worker);
	if (st == HUB_OK)
		st = look_at_policies(s);
	if (st == HUB_OK)
		st = epoch_get(s->worker.db, "instance", &instances);
	if (st == HUB_OK)
		st = epoch_get(s->worker.db, "point", &points);
	if (st == HUB_OK)
		st = epoch_get(s->worker.db, "charger", &chargers);
	for (size_t i = 0; st == HUB_OK && i < s->count; i++) {
		target *t = &s->targets[i];
		bool connected = wire_asker_connected(t->asker);
		if (connected && !t->connected) {
			t->told = false;
			t->told_at = 0;
		}
		t->connected = connected;
		if (!connected || !is_due(s, t, now, instances, points, chargers))
			continue;
		t->told = tell(s, t) == HUB_OK;
		t->told_at = now;
		if (t->told && t->instance_epoch != instances)
			log_info("daemon '%s': told its instances", t->name);
		t->refused &= !t->told;
		t->instance_epoch = instances;
		t->point_epoch = points;
		t->charger_epoch = chargers;
	}
	return st;
}

static void *run(void *user)
{
	configurator *s = user;
	const struct timespec pause = { 0, LOOK * 1000 };
	while (!s->core->stopping) {
		if (look(s) == HUB_FAILED)
			log_error("configurator: the database refuses; trying again");
		nanosleep(&pause, NULL);
	}
	return NULL;
}

static void dispose(configurator *s)
{
	for (size_t i = 0; i < s->count; i++)
		wire_asker_close(s->targets[i].asker);
	worker_fini(&s->worker);
	free(s);
}

hub_status configurator_start(const core *c, const char *const *names, configurator **ret, hub_fault *fault)
{
	size_t count = 0;
	while (names[count])
		count++;
	configurator *s = fail_calloc(1, sizeof *s + count * sizeof s->targets[0]);
	if (!s)
		return HUB_NOMEM;
	s->core = c;
	worker_init(&s->worker, c);
	hub_status st = HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		char url[600];
		s->targets[i].name = names[i];
		core_url(c, names[i], WIRE_ORDER, url, sizeof url);
		st = wire_ask_dial(url, core_tls(c), &s->targets[i].asker, fault);
		s->count = i + 1;
	}
	if (st == HUB_OK && pthread_create(&s->thread, NULL, run, s))
		st = HUB_FAILED;
	if (st != HUB_OK) {
		dispose(s);
		return st;
	}
	*ret = s;
	return HUB_OK;
}

void configurator_stop(configurator *s)
{
	if (!s)
		return;
	pthread_join(s->thread, NULL);
	dispose(s);
}
