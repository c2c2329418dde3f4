#include "ctl/health.h"

#include <glob.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/clock.h"
#include "ctl/ask.h"
#include "ctl/probe.h"
#include "store/announcement.h"
#include "store/instance.h"
#include "store/migrate.h"
#include "store/outbox.h"
#include "wire/journal.h"

typedef struct checking {
	const ctl *c;
	const place *p;
	arena *a;
	health *h;
	store *db;   /* NULL: does not answer */
} checking;

enum { DISK_NEEDED = 512 << 20, BACKLOG_OLD = 60 * 1000000 };

const char *health_grade_name(health_grade g)
{
	static const char *const names[] = { "ok", "note", "bad", "unknown" };
	return names[g];
}

const health_item *health_find(const health *h, const char *name)
{
	for (size_t i = 0; i < h->count; i++)
		if (!strcmp(h->items[i].name, name))
			return &h->items[i];
	return NULL;
}

static health_grade grade(health_item *item, health_grade g, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static health_grade grade(health_item *item, health_grade g, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(item->text, sizeof item->text, fmt, ap);
	va_end(ap);
	return item->grade = g;
}

static void check_supervisor(checking *k, health_item *item)
{
	hub_fault fault = { 0 };
	if (book_read(k->p, k->a, &k->h->book, &fault) == HUB_OK)
		grade(item, HEALTH_OK, "pid %d since %s", (int)k->h->book.supervisor, k->h->book.since);
	else
		grade(item, HEALTH_BAD, "%s", fault.message);
}

static void check_disk(checking *k, health_item *item)
{
	struct statvfs v;
	if (statvfs(k->p->root, &v)) {
		grade(item, HEALTH_BAD, "%s: %m", k->p->root);
		return;
	}
	uint64_t left = (uint64_t)v.f_bavail * v.f_frsize;
	grade(item, left < DISK_NEEDED ? HEALTH_BAD : HEALTH_OK, "%llu MB free under %s", (unsigned long long)left >> 20,
	      k->p->root);
}

static void check_postgres(checking *k, health_item *item)
{
	hub_fault fault = { 0 };
	int64_t begun = clock_monotonic();
	hub_status st = store_open(k->c->conninfo, &k->db, &fault);
	if (st == HUB_OK)
		grade(item, HEALTH_OK, "answers in %.1f ms", (double)(clock_monotonic() - begun) / 1000);
	else
		grade(item, HEALTH_BAD, "%s", fault.message[0] ? fault.message : hub_status_name(st));
}

static void check_schema(checking *k, health_item *item)
{
	int database = 0, program = 0;
	if (!k->db)
		grade(item, HEALTH_UNKNOWN, "needs the database");
	else if (store_version(k->db, &database, &program) != HUB_OK)
		grade(item, HEALTH_BAD, "the version cannot be read");
	else
		grade(item, database == program ? HEALTH_OK : HEALTH_BAD, "database at %d, program at %d", database, program);
}

static void check_write(checking *k, health_item *item)
{
	hub_fault fault = { 0 };
	int64_t begun = clock_monotonic();
	if (!k->db) {
		grade(item, HEALTH_UNKNOWN, "needs the database");
		return;
	}
	hub_status st = probe_store(k->db, &fault);
	if (st == HUB_OK)
		grade(item, HEALTH_OK, "a reading was stored and taken back in %.1f ms",
		      (double)(clock_monotonic() - begun) / 1000);
	else
		grade(item, HEALTH_BAD, "%s", fault.message[0] ? fault.message : hub_status_name(st));
}

static bool runs(const checking *k, const char *name, health_item *item)
{
	const book_unit *u = book_find(&k->h->book, name);
	if (!u)
		grade(item, HEALTH_UNKNOWN, "not supervised here");
	else if (strcmp(u->state, "running"))
		grade(item, HEALTH_BAD, "%s, %u restarts, last %s", u->state, u->restarts, u->last[0] ? u->last : "-");
	return u && !strcmp(u->state, "running");
}

static int64_t number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static const char *text(const json_t *object, const char *key, arena *a)
{
	const char *s = arena_strdup(a, json_string_value(json_object_get(object, key)));
	return s ? s : "";
}

static void take_instances(checking *k, const json_t *list)
{
	health *h = k->h;
	h->instances = arena_array(k->a, json_array_size(list), sizeof *h->instances);
	for (size_t i = 0; h->instances && i < json_array_size(list); i++) {
		const json_t *o = json_array_get(list, i), *done = json_object_get(o, "committed");
		h->instances[h->instance_count++] = (health_instance){
			.name = text(o, "name", k->a), .phase = text(o, "phase", k->a), .error = text(o, "last_error", k->a),
			.sessions = number(o, "sessions"), .records = number(o, "records"),
			.rejected = number(o, "rejected"), .restarts = number(o, "restarts"),
			.waiting = number(json_object_get(o, "journal"), "waiting"), .stored = number(done, "stored"),
			.duplicates = number(done, "duplicates"), .quarantined = number(done, "quarantined"),
		};
	}
}

/* That it answers is not enough: a core must have dialled it. */
static void check_zone_daemon(checking *k, health_item *item)
{
	hub_fault fault = { 0 };
	const char *json = NULL;
	int64_t begun = clock_monotonic();
	if (!runs(k, item->name, item))
		return;
	if (ask_state(k->p, item->name, k->a, &json, &fault) != HUB_OK) {
		grade(item, HEALTH_BAD, "%s", fault.message);
		return;
	}
	double took = (double)(clock_monotonic() - begun) / 1000;
	json_t *state = json_loads(json, 0, NULL);
	if (json_is_true(json_object_get(state, "core")))
		grade(item, HEALTH_OK, "answers in %.1f ms", took);
	else
		grade(item, HEALTH_BAD, "answers, but no core has dialled it: see hubd");
	if (!strcmp(item->name, "adapterd") && state) {
		k->h->adapterd = json;
		take_instances(k, json_object_get(state, "instances"));
	}
	json_decref(state);
}

/* An instance that should run and of which adapterd does not know: it refuses its configuration. NULL: none. */
static const char *unknown_instance(checking *k)
{
	instance *list;
	size_t count;
	int64_t version;
	if (!k->db || instance_list(k->db, "adapterd", k->a, &list, &count, &version) != HUB_OK)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		bool known = !list[i].enabled;
		for (size_t n = 0; n < k->h->instance_count; n++)
			known = known || !strcmp(k->h->instances[n].name, list[i].name);
		if (!known)
			return list[i].name;
	}
	return NULL;
}

static void check_instances(checking *k, health_item *item)
{
	size_t ready = 0, stopped = 0;
	const char *which = "", *unknown = k->h->adapterd ? unknown_instance(k) : NULL;
	for (size_t i = 0; i < k->h->instance_count; i++) {
		const health_instance *n = &k->h->instances[i];
		ready += !strcmp(n->phase, "ready");
		stopped += !strcmp(n->phase, "stopped");
		if (strcmp(n->phase, "ready"))
			which = n->name;
	}
	if (!k->h->adapterd)
		grade(item, HEALTH_UNKNOWN, "needs adapterd");
	else if (unknown)
		grade(item, HEALTH_BAD, "adapterd does not run '%s': not told of it yet, or it refuses; see log/hubd.log", unknown);
	else
		grade(item, stopped ? HEALTH_BAD : ready < k->h->instance_count ? HEALTH_NOTE : HEALTH_OK,
		      "%zu of %zu ready%s%s", ready, k->h->instance_count, which[0] ? ", not " : "", which);
}

/* Any answer but the gateway's own "the core is away" comes from the core. */
static void check_core(checking *k, health_item *item)
{
	hub_fault fault = { 0 };
	long status = 0;
	int64_t begun = clock_monotonic();
	if (!runs(k, item->name, item))
		return;
	if (ask_http(k->h->book.http, "/v1/health", &status, &fault) != HUB_OK)
		grade(item, HEALTH_BAD, "%s", fault.message);
	else if (status == 502 || status == 503 || status == 504)
		grade(item, HEALTH_BAD, "the HTTP door waits in vain for the core (%ld)", status);
	else
		grade(item, HEALTH_OK, "answers through the HTTP door in %.1f ms",
		      (double)(clock_monotonic() - begun) / 1000);
}

/* Every journal of the zone, whoever writes it, without asking its writer. */
static void check_journals(checking *k, health_item *item)
{
	char pattern[4096];
	uint64_t records = 0, bytes = 0;
	hub_time oldest = 0;
	glob_t g = { 0 };
	snprintf(pattern, sizeof pattern, "%s/*/journal/*", k->p->zone);
	glob(pattern, GLOB_ONLYDIR, NULL, &g);
	snprintf(pattern, sizeof pattern, "%s/journal/*", k->p->zone);
	glob(pattern, GLOB_ONLYDIR | GLOB_APPEND, NULL, &g);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		journal_state s;
		if (journal_stat(g.gl_pathv[i], &s) != HUB_OK)
			continue;
		records += s.next - s.first;
		bytes += s.bytes;
		if (s.oldest && (!oldest || s.oldest < oldest))
			oldest = s.oldest;
	}
	int64_t age = oldest ? clock_now() - oldest : 0;
	grade(item, age > BACKLOG_OLD ? HEALTH_BAD : HEALTH_OK, "%zu journals, %llu records in %llu kB wait, the oldest %.1f s",
	      g.gl_pathc, (unsigned long long)records, (unsigned long long)bytes >> 10, (double)age / 1e6);
	globfree(&g);
}

static void check_feed(checking *k, health_item *item)
{
	uint64_t count = 0;
	hub_time oldest = 0;
	if (!k->db || announcement_backlog(k->db, &count, &oldest) != HUB_OK) {
		grade(item, HEALTH_UNKNOWN, "needs the database");
		return;
	}
	int64_t age = oldest ? clock_now() - oldest : 0;
	grade(item, age > BACKLOG_OLD ? HEALTH_BAD : HEALTH_OK, "%llu batches wait for a position, the oldest %.1f s",
	      (unsigned long long)count, (double)age / 1e6);
}

/* A recipient that refuses is its own trouble and a note; that nobody sends what is due is ours. */
static void check_deliveries(checking *k, health_item *item)
{
	outbox_health d = { 0 };
	if (!k->db || outbox_health_read(k->db, &d) != HUB_OK) {
		grade(item, HEALTH_UNKNOWN, "needs the database");
		return;
	}
	int64_t late = d.oldest_due ? clock_now() - d.oldest_due : 0;
	grade(item, late > BACKLOG_OLD ? HEALTH_BAD : d.failing || d.dead ? HEALTH_NOTE : HEALTH_OK,
	      "%llu subscriptions, %llu entries not acknowledged, %llu recipients fail, %llu dead letters, the oldest due since %.1f s",
	      (unsigned long long)d.subscriptions, (unsigned long long)d.queued, (unsigned long long)d.failing,
	      (unsigned long long)d.dead, (double)late / 1e6);
}

/* As the supervisor saw it: we ourselves may have become the core's user. */
static void check_users(checking *k, health_item *item)
{
	const book_unit *core = book_find(&k->h->book, "hubd"), *zone = book_find(&k->h->book, "dmzd");
	if (k->h->book.zones_share_user)
		grade(item, HEALTH_NOTE, "both zones run as '%s': what breaks into the outer zone reads the core",
		      core ? core->user : "?");
	else
		grade(item, HEALTH_OK, "core '%s', outer zone '%s'", core ? core->user : "?", zone ? zone->user : "?");
}

static const struct {
	const char *name;
	void (*run)(checking *k, health_item *item);
	const char *remedy;
} checks[] = {
	{ "supervisor", check_supervisor, "hubctl up --detach" },
	{ "users", check_users, "run hubctl up as root with the users of ./quickstart" },
	{ "disk", check_disk, "make room, or move the data directory" },
	{ "postgres", check_postgres, "see log/postgres.log; the supervisor starts it again" },
	{ "schema", check_schema, "hubctl migrate" },
	{ "write", check_write, "see the message; log/postgres.log and log/hubd.log have more" },
	{ "adapterd", check_zone_daemon, "see log/adapterd.log; kill it if it hangs, it starts again" },
	{ "egress", check_zone_daemon, "see log/egress.log; kill it if it hangs, it starts again" },
	{ "dmzd", check_zone_daemon, "see log/dmzd.log; kill it if it hangs, it starts again" },
	{ "hubd", check_core, "see log/hubd.log; kill it if it hangs, it starts again" },
	{ "instances", check_instances, "hubctl status says what is wrong with each" },
	{ "journal", check_journals, "the core does not take what the zone holds: see hubd and write above" },
	{ "feed", check_feed, "the core does not give positions: see log/hubd.log" },
	{ "deliveries", check_deliveries, "hubctl subscription list says which recipient refuses and why; hubctl delivery dead what it missed" },
};

hub_status health_check(const ctl *c, const place *p, arena *a, health *ret)
{
	health h = { .healthy = true };
	checking k = { .c = c, .p = p, .a = a, .h = &h };
	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
		health_item *item = &h.items[h.count++];
		item->name = checks[i].name;
		item->remedy = checks[i].remedy;
		checks[i].run(&k, item);
		h.healthy = h.healthy && item->grade != HEALTH_BAD;
		/* Without a supervisor all the rest is cold. */
		if (i == 0 && item->grade == HEALTH_BAD)
			break;
	}
	store_close(k.db);
	*ret = h;
	return HUB_OK;
}
