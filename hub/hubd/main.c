#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alarm/watch.h"
#include "base/clock.h"
#include "base/option.h"
#include "hubd/courier.h"
#include "hubd/doors.h"
#include "hubd/work.h"

static const option table[] = {
	{ "database", OPTION_TEXT, NULL, 0, 0, false, "the exchange database, as libpq's connection string" },
	{ "zone_base", OPTION_TEXT, "ipc:///var/lib/uhub/zone/run", 0, 0, false,
	  "where the outer zone's daemons listen: ipc://DIR or tls+tcp://HOST:PORT" },
	{ "ca", OPTION_PATH, "", 0, 0, false, "PEM of the private authority, for tls+tcp" },
	{ "cert", OPTION_PATH, "", 0, 0, false, "PEM of the core's certificate" },
	{ "key", OPTION_PATH, "", 0, 0, false, "PEM of its key" },
	{ "adapters", OPTION_TEXT, "adapterd", 0, 0, false, "names of the zone's adapter daemons, parted by commas" },
	{ "gateways", OPTION_TEXT, "dmzd", 0, 0, false, "names of the zone's gateways, parted by commas" },
	{ "egresses", OPTION_TEXT, "egress", 0, 0, false,
	  "names of the zone's daemons that send, parted by commas; \"\": nothing is delivered" },
	{ "couriers", OPTION_INT, "2", 1, 32, false, "threads that compute and sign deliveries" },
	{ "intake_workers", OPTION_INT, "4", 1, 64, false, "batches stored at once, of each adapter daemon" },
	{ "api_workers", OPTION_INT, "4", 1, 64, false, "calls answered at once, of each gateway" },
	{ "party_rate", OPTION_INT, "1000", 1, 1000000, true, "calls a second of one party, over all its connections" },
	{ "party_burst", OPTION_INT, "2000", 1, 1000000, true, "calls of one party at once" },
	{ "session_idle", OPTION_DURATION, "30min", 60000000, 0, true, "a person's session ends without use" },
	{ "session_life", OPTION_DURATION, "12h", 60000000, 0, true, "and at the latest after this" },
	{ "policies", OPTION_PATH, "", 0, 0, true, "directory of *.cedar; \"\": the installed one" },
	{ "keys", OPTION_PATH, "", 0, 0, false,
	  "directory of the core's keys; its jwt.json signs access tokens and is made if absent; \"\": none are issued" },
	{ "topology", OPTION_TEXT, "transition", 0, 0, true,
	  "transition, grid-led or third-party: which policies/topology/NAME counts beside the common ones" },
	{ "intake_future", OPTION_DURATION, "5min", 0, 0, true, "a reading further ahead of its reception is quarantined" },
	{ "intake_drift", OPTION_DURATION, "1min", 0, 0, true, "a reading further ahead is marked clock_drift" },
	{ "intake_late", OPTION_DURATION, "1d", 0, 0, true, "a reading that comes later after its time is marked late" },
	{ "intake_ancient", OPTION_DURATION, "1095d", 0, 0, true, "an older reading is quarantined" },
	{ "keep_delivered", OPTION_DURATION, "30d", 60000000, 0, false,
	  "so long what was delivered can be replayed; then its position and its record are cleared" },
	{ "keep_undelivered", OPTION_DURATION, "365d", 60000000, 0, false,
	  "so long what its recipient did not take is kept, and dead letters; never shorter than keep_delivered" },
	{ "log_level", OPTION_INT, "2", 0, 3, true, "0 errors, 1 warnings, 2 information, 3 all" },
	{ NULL },
};

enum { NAMES_MAX = 16, CLOSE_PATIENCE = 3 /* s */ };

typedef struct hubd {
	options *o;
	struct stat keys; /* of jwt.json, as it was read */
	core core;
	char policies[PATH_MAX];
	char *lists[3];
	const char *names[3][NAMES_MAX + 1]; /* adapters, gateways, egresses */
	door *doors[2 * NAMES_MAX];
	size_t door_count;
	sequencer *sequencer;
	configurator *configurator;
	couriers *couriers;
	commander *commander;
	rounds *rounds;
	observer *observer;
} hubd;

static judge_rules rules_of(const options *o)
{
	return (judge_rules){ option_int(o, "intake_future"), option_int(o, "intake_drift"), option_int(o, "intake_late"),
			      option_int(o, "intake_ancient") };
}

/* Splits at commas, in place. */
static hub_status split(char *list, const char *names[NAMES_MAX + 1], hub_fault *fault)
{
	size_t n = 0;
	char *save = NULL;
	for (char *p = strtok_r(list, ", ", &save); p; p = strtok_r(NULL, ", ", &save)) {
		if (n == NAMES_MAX)
			return hub_fault_set(fault, "option.long", "adapters", "at most %d daemons of a kind", NAMES_MAX);
		names[n++] = p;
	}
	return HUB_OK;
}

/* The option, or beside the program: installed, then in the tree it was built from. */
static void find_policies(hubd *h)
{
	static const char *const beside[] = { "../share/uhub/policies", "../../../policies" };
	char self[PATH_MAX];
	struct stat st;
	snprintf(h->policies, sizeof h->policies, "%s", option_text(h->o, "policies"));
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	if (h->policies[0] || n < 0)
		return;
	self[n] = 0;
	*strrchr(self, '/') = 0;
	for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++)
		if (snprintf(h->policies, sizeof h->policies, "%s/%s", self, beside[i]) < (int)sizeof h->policies &&
		    !stat(h->policies, &st))
			return;
}

static void set_limits(const hubd *h)
{
	api_sessions_set(h->core.api, &(session_limits){ option_int(h->o, "session_idle"), option_int(h->o, "session_life") });
	api_rate_set(h->core.api, (unsigned)option_int(h->o, "party_rate"), (unsigned)option_int(h->o, "party_burst"));
}

static hub_status load_policies(hubd *h, hub_fault *fault)
{
	const char *topology = option_text(h->o, "topology");
	find_policies(h);
	bool changed;
	hub_status st = inforce_load(api_rules(h->core.api), h->policies, topology, &changed, fault);
	return st;
}

static hub_status load_keys(hubd *h, hub_fault *fault)
{
	char path[PATH_MAX];
	const char *directory = option_text(h->o, "keys");
	if (!directory[0])
		return HUB_OK;
	snprintf(path, sizeof path, "%s/jwt.json", directory);
	/* Before it is read: if it is replaced in between, it is read again at the next look. */
	if (stat(path, &h->keys))
		h->keys = (struct stat){ 0 };
	return api_keys_load(h->core.api, path, fault);
}

/* hubctl keys rotate replaces the file. */
static void look_at_keys(hubd *h)
{
	char path[PATH_MAX];
	struct stat now;
	hub_fault fault = { 0 };
	const char *directory = option_text(h->o, "keys");
	snprintf(path, sizeof path, "%s/jwt.json", directory);
	if (!directory[0] || stat(path, &now) ||
	    (now.st_ino == h->keys.st_ino && now.st_mtim.tv_sec == h->keys.st_mtim.tv_sec &&
	     now.st_mtim.tv_nsec == h->keys.st_mtim.tv_nsec))
		return;
	h->keys = now;
	if (load_keys(h, &fault) == HUB_OK)
		log_info("the keys of access tokens were changed");
	else
		log_error("%s (%s); the old keys stay", fault.message, fault.code);
}

/* The next signal; meanwhile a look at the keys each second. */
static int next_signal(hubd *h, const sigset_t *set)
{
	static const struct timespec second = { 1, 0 };
	int number;
	while ((number = sigtimedwait(set, NULL, &second)) < 0)
		look_at_keys(h);
	return number;
}

static hub_status prepare(hubd *h, hub_fault *fault)
{
	const options *o = h->o;
	judge_rules rules = rules_of(o);
	h->core.database = option_text(o, "database");
	h->core.zone_base = option_text(o, "zone_base");
	h->core.tls = (wire_tls){ option_text(o, "ca"), option_text(o, "cert"), option_text(o, "key") };
	h->core.keys = option_text(o, "keys");
	h->core.epoch = (uint64_t)clock_now();
	h->lists[0] = strdup(option_text(o, "adapters"));
	h->lists[1] = strdup(option_text(o, "gateways"));
	h->lists[2] = strdup(option_text(o, "egresses"));
	if (!h->lists[0] || !h->lists[1] || !h->lists[2])
		return HUB_NOMEM;
	hub_status st = split(h->lists[0], h->names[0], fault);
	if (st == HUB_OK)
		st = split(h->lists[1], h->names[1], fault);
	if (st == HUB_OK)
		st = split(h->lists[2], h->names[2], fault);
	if (st == HUB_OK)
		st = api_new(&h->core.api);
	if (st == HUB_OK)
		st = intake_new(&rules, api_rules(h->core.api), &h->core.intake);
	if (st == HUB_OK)
		st = alarm_watch_new(&h->core.alarms);
	if (st == HUB_OK)
		intake_watch_set(h->core.intake, alarm_watch_see, h->core.alarms);
	if (st == HUB_OK)
		st = load_keys(h, fault);
	if (st == HUB_OK)
		set_limits(h);
	return st == HUB_OK ? load_policies(h, fault) : st;
}

static hub_status start(hubd *h, hub_fault *fault)
{
	static const wire_kind kinds[] = { WIRE_INTAKE, WIRE_CALL };
	static const char *const workers[] = { "intake_workers", "api_workers" };
	static const role *const roles[] = { &role_sweeper,    &role_watchman,	 &role_cashier,	  &role_registrar,
					     &role_dispatcher, &role_inspector, &role_publisher };
	hub_status st = prepare(h, fault);
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; st == HUB_OK && h->names[k][i]; i++) {
			st = door_open(&h->core, kinds[k], h->names[k][i], (int)option_int(h->o, workers[k]),
				       &h->doors[h->door_count], fault);
			h->door_count += st == HUB_OK;
		}
	if (st == HUB_OK)
		st = sequencer_start(&h->core, &h->sequencer);
	if (st == HUB_OK)
		st = configurator_start(&h->core, h->names[0], &h->configurator, fault);
	if (st == HUB_OK)
		st = couriers_start(&h->core, h->names[2], (int)option_int(h->o, "couriers"), &h->couriers, fault);
	if (st == HUB_OK)
		st = commander_start(&h->core, h->names[0], h->names[2], &h->commander, fault);
	h->core.keep = (retention) { option_int(h->o, "keep_delivered"), option_int(h->o, "keep_undelivered") };
	if (st == HUB_OK)
		st = rounds_start(&h->core, roles, sizeof roles / sizeof *roles, &h->rounds);
	const char *const *const zones[] = { h->names[0], h->names[1], h->names[2] };
	return st == HUB_OK ? observer_start(&h->core, zones, 3, &h->observer, fault) : st;
}

static volatile sig_atomic_t outcome;

static void give_up(int signal)
{
	(void)signal;
	_exit(outcome);
}

static void stop(hubd *h)
{
	h->core.stopping = true;
	/* What is promised is committed; a wire that cannot close (decision 0003) must not keep us. */
	signal(SIGALRM, give_up);
	alarm(CLOSE_PATIENCE);
	for (size_t i = 0; i < h->door_count; i++)
		door_close(h->doors[i]);
	couriers_stop(h->couriers);
	rounds_stop(h->rounds);
	observer_stop(h->observer);
	commander_stop(h->commander);
	configurator_stop(h->configurator);
	sequencer_stop(h->sequencer);
	intake_free(h->core.intake);
	alarm_watch_free(h->core.alarms);
	api_free(h->core.api);
	free(h->lists[0]);
	free(h->lists[1]);
	free(h->lists[2]);
	options_free(h->o);
}

/* What cannot change while running stays as it was, and is said. */
static void reload(hubd *h)
{
	hub_fault fault = { 0 };
	options *fresh = NULL;
	hub_status st = options_reload(h->o, &fresh, &fault);
	if (st != HUB_OK && st != HUB_CONFLICT) {
		log_error("reload: %s (%s); the old options stay", fault.message, fault.code);
		return;
	}
	if (st == HUB_CONFLICT)
		log_warn("reload: %s", fault.message);
	judge_rules rules = rules_of(fresh);
	options *old = h->o;
	h->o = fresh;
	intake_rules_set(h->core.intake, &rules);
	log_level_set((log_level)option_int(fresh, "log_level"));
	set_limits(h);
	if (load_policies(h, &fault) != HUB_OK)
		log_error("reload: %s (%s); the old policies stay", fault.message, fault.code);
	/* Texts that need a restart to change are still the old ones'. */
	h->o = old;
	options_free(fresh);
	log_info("reloaded");
}

int main(int argc, char **argv)
{
	hubd h = { 0 };
	hub_fault fault = { 0 };
	int rest = 0;
	sigset_t set;
	log_setup("hubd", LOG_INFO);
	if (options_asked(table, "the core of the utility hub: intake, resources and feeds", argc, argv, &rest))
		return rest;
	hub_status st = options_parse(table, NULL, argc, argv, &rest, &h.o, &fault);
	if (st == HUB_OK && rest < argc)
		st = hub_fault_set(&fault, "option.unknown", "", "'%.64s' is no option of hubd", argv[rest]);
	if (st != HUB_OK) {
		fprintf(stderr, "hubd: %s (%s)\n", fault.message, fault.code ? fault.code : hub_status_name(st));
		return 2;
	}
	log_level_set((log_level)option_int(h.o, "log_level"));
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	wire_watch();
	st = start(&h, &fault);
	if (st == HUB_OK)
		log_info("serving %s", h.core.zone_base);
	else
		log_error("%s (%s)", fault.message, fault.code ? fault.code : hub_status_name(st));
	while (st == HUB_OK && next_signal(&h, &set) == SIGHUP)
		reload(&h);
	outcome = st != HUB_OK;
	stop(&h);
	return outcome;
}
