#include "ctl/daemons.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "ctl/mqtt.h"

enum { LOG_KEEP = 16 << 20 };

/* In the order of starting; stopping goes the other way, so the doors close before the core ends. */
static const struct {
	const char *name;
	unit_kind kind;
	ctl_zone zone;
	int stop_signal, death_signal;
	/* Words of the command line; {…} are filled in. NULL: the cluster's. */
	const char *argv[DAEMON_ARGS_MAX];
} table[] = {
	{ "postgres", UNIT_SERVICE, CTL_ZONE_CORE, SIGINT, SIGQUIT, { NULL } },
	{ "migrate",
	  UNIT_STEP,
	  CTL_ZONE_CORE,
	  SIGTERM,
	  SIGKILL,
	  { "{programs}/hubctl", "--data={data}", "migrate", "--wait={ready}" } },
	{ "publish",
	  UNIT_STEP,
	  CTL_ZONE_CORE,
	  SIGTERM,
	  SIGKILL,
	  { "{programs}/hubctl", "--data={data}", "ca", "publish", "--host={party_host}" } },
	{ "hubd",
	  UNIT_SERVICE,
	  CTL_ZONE_CORE,
	  SIGTERM,
	  SIGKILL,
	  { "{programs}/hubd", "--database={database}", "--zone-base=ipc://{data}/zone/run", "--keys={data}/core/keys",
	    "--topology={topology}", "--policies={policies}" } },
	{ "adapterd", UNIT_SERVICE, CTL_ZONE_OUTER, SIGTERM, SIGKILL, { "{programs}/adapterd", "--data={data}/zone" } },
	{ "mosquitto",
	  UNIT_SERVICE,
	  CTL_ZONE_OUTER,
	  SIGTERM,
	  SIGKILL,
	  { MQTT_PROGRAM, "-c", "{data}/zone/state/mosquitto.conf" } },
	{ "egress",
	  UNIT_SERVICE,
	  CTL_ZONE_OUTER,
	  SIGTERM,
	  SIGKILL,
	  { "{programs}/egress", "--data={data}/zone", "--allow={egress_allow}",
	    "--authorities={egress_authorities}" } },
	{ "dmzd",
	  UNIT_SERVICE,
	  CTL_ZONE_OUTER,
	  SIGTERM,
	  SIGKILL,
	  { "{programs}/dmzd", "--data={data}/zone", "--http-listen={http_listen}", "--party-listen={party_listen}",
	    "--public-listen={public_listen}", "--public-cert={public_cert}", "--public-key={public_key}",
	    "--charger-listen={charger_listen}", "--charger-plain={charger_plain}" } },
	{ "simulator", UNIT_SERVICE, CTL_ZONE_OUTER, SIGTERM, SIGKILL, { "{programs}/{simulator}" } },
	{ "check",
	  UNIT_CHECK,
	  CTL_ZONE_CORE,
	  SIGTERM,
	  SIGKILL,
	  { "{programs}/hubctl", "--data={data}", "doctor", "--quiet", "--wait={ready}" } },
};

typedef struct filling {
	const char *name, *value;
} filling;

/* The text with every {name} replaced; NULL when memory ran out. */
static char *fill(const char *text, const filling *fillings)
{
	buf b = { 0 };
	while (*text) {
		const filling *f = fillings;
		size_t len = 0;
		for (; f->name; f++) {
			len = strlen(f->name);
			if (text[0] == '{' && !strncmp(text + 1, f->name, len) && text[1 + len] == '}')
				break;
		}
		if (f->name) {
			buf_text(&b, f->value);
			text += len + 2;
		} else {
			buf_put(&b, text++, 1);
		}
	}
	buf_u8(&b, 0);
	if (b.bad) {
		buf_fini(&b);
		return NULL;
	}
	return (char *)b.bytes;
}

/* The first word becomes all its words; false if they are too many. */
static bool split(char **argv)
{
	char *save = NULL;
	size_t n = 1;
	strtok_r(argv[0], " ", &save);
	for (char *word = strtok_r(NULL, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		if (n == DAEMON_ARGS_MAX - 1)
			return false;
		argv[n++] = strdup(word);
	}
	return true;
}

/* Appended to; one old file is kept. */
static int log_open(const place *p, const char *name)
{
	char path[4096], old[4100];
	struct stat st;
	snprintf(path, sizeof path, "%s/%s.log", p->log, name);
	snprintf(old, sizeof old, "%s.1", path);
	if (!stat(path, &st) && st.st_size > LOG_KEEP)
		rename(path, old);
	return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
}

static bool is_simulator(size_t row)
{
	return !strcmp(table[row].name, "simulator");
}

static hub_status add(daemons *d, size_t row, const char *name, const place *p, const cluster *k,
		      const filling *fillings, int64_t stop_timeout, hub_fault *fault)
{
	unit *u = &d->units[d->count];
	*u = (unit) {
		.name = name,
		.kind = table[row].kind,
		.stop_signal = table[row].stop_signal,
		.stop_timeout = stop_timeout,
		.process = { .user = table[row].zone == CTL_ZONE_CORE ? &p->core_user : &p->zone_user,
			     .death_signal = table[row].death_signal,
			     .output = -1 },
	};
	char **argv = d->argv[d->count++];
	for (size_t i = 0; table[row].argv[i]; i++)
		if (!(argv[i] = fill(table[row].argv[i], fillings)))
			return HUB_NOMEM;
	if (is_simulator(row) && !split(argv))
		return hub_fault_set(fault, "hub.simulator", "simulator", "at most %d words", DAEMON_ARGS_MAX - 1);
	u->process.argv = argv[0] ? (const char *const *)argv : cluster_argv(k);
	if (d->to_files && u->kind == UNIT_SERVICE && (u->process.output = log_open(p, u->name)) < 0) {
		hub_fault_set(fault, "log.open", "", "%s/%s.log cannot be opened: %s", p->log, u->name,
			      strerror(errno));
		return HUB_FAILED;
	}
	return HUB_OK;
}

/* A unit for each of the programs, which are parted by semicolons; simulator: the filling of the table's row. */
static hub_status add_simulators(daemons *d, size_t row, const char *programs, const place *p, const cluster *k,
				 filling *fillings, filling *simulator, int64_t stop_timeout, hub_fault *fault)
{
	static const char *const names[] = { "simulator",   "simulator-2", "simulator-3", "simulator-4",
					     "simulator-5", "simulator-6", "simulator-7", "simulator-8" };
	const char *whole = simulator->value;
	char *text = strdup(programs), *save = NULL;
	hub_status st = text ? HUB_OK : HUB_NOMEM;
	size_t n = 0;
	for (char *one = text ? strtok_r(text, ";", &save) : NULL; st == HUB_OK && one;
	     one = strtok_r(NULL, ";", &save)) {
		one += strspn(one, " ");
		if (!*one)
			continue;
		simulator->value = one;
		if (n == sizeof names / sizeof *names)
			st = hub_fault_set(fault, "hub.simulator", "simulator", "at most %zu programs", n);
		else
			st = add(d, row, names[n++], p, k, fillings, stop_timeout, fault);
	}
	simulator->value = whole;
	free(text);
	return st;
}

hub_status daemons_list(const ctl *c, const place *p, const cluster *k, const daemon_settings *s, bool to_files,
			daemons *ret, hub_fault *fault)
{
	char ready[24];
	snprintf(ready, sizeof ready, "%lld", (long long)(s->ready_timeout / 1000000));
	filling fillings[] = {
		{ "simulator", s->simulator },
		{ "programs", c->programs },
		{ "data", c->data },
		{ "database", k ? cluster_conninfo(k) : s->database },
		{ "http_listen", s->http_listen },
		{ "party_listen", s->party_listen },
		{ "party_host", s->party_host },
		{ "charger_listen", s->charger_listen },
		{ "charger_plain", s->charger_plain },
		{ "egress_allow", s->egress_allow },
		{ "egress_authorities", s->egress_authorities },
		{ "public_listen", s->public_listen },
		{ "public_cert", s->public_cert },
		{ "public_key", s->public_key },
		{ "topology", s->topology },
		{ "policies", s->policies },
		{ "ready", ready },
		{ NULL, NULL },
	};
	daemons d = { .to_files = to_files };
	hub_status st = HUB_OK;
	for (size_t i = 0; i < sizeof table / sizeof *table && st == HUB_OK; i++)
		if ((table[i].argv[0] || k) && (s->simulator[0] || strcmp(table[i].name, "simulator")) &&
		    (s->mqtt || strcmp(table[i].name, "mosquitto")))
			st = is_simulator(i) ? add_simulators(&d, i, s->simulator, p, k, fillings, &fillings[0],
							      s->stop_timeout, fault)
					     : add(&d, i, table[i].name, p, k, fillings, s->stop_timeout, fault);
	if (st != HUB_OK) {
		daemons_fini(&d);
		return st;
	}
	*ret = d;
	/* Each unit's argv lies in the struct, which has moved. */
	for (size_t i = 0; i < ret->count; i++)
		if (ret->argv[i][0])
			ret->units[i].process.argv = (const char *const *)ret->argv[i];
	return HUB_OK;
}

void daemons_fini(daemons *d)
{
	for (size_t i = 0; i < d->count; i++) {
		if (d->units[i].process.output >= 0)
			close(d->units[i].process.output);
		for (size_t j = 0; j < DAEMON_ARGS_MAX; j++)
			free(d->argv[i][j]);
	}
	d->count = 0;
}
