#include "ctl/ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "ctl/daemons.h"
#include "ctl/hubconf.h"
#include "ctl/lock.h"
#include "ctl/mqtt.h"

typedef struct running {
	const place *place;
	const daemons *daemons;
	const char *http;
	hub_time since;
	int report; /* to the process that waits for --detach; -1: none, or told already */
	bool ready;
} running;

/* For `hubctl status`, replaced as a whole, so a reader never sees half of it. */
static void write_state(const running *r, const unit *units, size_t count)
{
	char path[4096], when[CLOCK_TEXT];
	buf b = { 0 };
	snprintf(path, sizeof path, "%s.new", r->place->state);
	buf_printf(&b, "{\"pid\":%d,\"since\":\"%s\",\"ready\":%s,\"zones_share_user\":%s,\"http\":",
		   (int)getpid(),
		   clock_text(r->since, when), r->ready ? "true" : "false",
		   r->place->core_user.uid == r->place->zone_user.uid ? "true" : "false");
	json_write_text(&b, r->http);
	buf_text(&b, ",\"units\":");
	units_json(&b, units, count);
	buf_text(&b, "}\n");
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0 || b.bad || write(fd, b.bytes, b.len) != (ssize_t)b.len || rename(path, r->place->state))
		log_error("%s: cannot be written: %s", r->place->state, strerror(errno));
	if (fd >= 0)
		close(fd);
	buf_fini(&b);
}

static void on_changed(void *user, const unit *units, size_t count)
{
	write_state(user, units, count);
}

/* Tells whoever waits, then leaves the terminal alone. */
static void on_ready(void *user, hub_status st, const unit *which)
{
	running *r = user;
	char code = st == HUB_OK ? 0 : which->kind == UNIT_CHECK ? 1 : 2;
	r->ready = st == HUB_OK;
	if (st == HUB_OK)
		log_info("the hub is ready: the next reading would be stored");
	else
		log_error("%s: not ready (%s)", which->name, which->last);
	write_state(r, r->daemons->units, r->daemons->count);
	if (r->report < 0)
		return;
	char path[4096];
	snprintf(path, sizeof path, "%s/hub.log", r->place->log);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd >= 0) {
		dup2(fd, 1);
		dup2(fd, 2);
		close(fd);
	}
	if (write(r->report, &code, 1) < 0)
		log_warn("nobody waits for the start any more");
	close(r->report);
	r->report = -1;
}

static hub_status run_units(const ctl *c, const place *p, const hubconf *conf, int report, hub_fault *fault)
{
	cluster *k = NULL;
	daemons d = { 0 };
	const daemon_settings s = {
		.database = conf->database, .http_listen = conf->http_listen, .mqtt = mqtt_wanted(conf),
		.simulator = conf->simulator, .topology = conf->topology, .policies = conf->policies,
		.egress_allow = conf->egress_allow, .egress_authorities = conf->egress_authorities,
		.charger_listen = conf->charger_listen, .charger_plain = conf->charger_plain,
		.party_listen = conf->party_listen, .party_host = conf->party_host, .ready_timeout = conf->ready_timeout,
		.stop_timeout = conf->stop_timeout, .public_listen = conf->public_listen,
		.public_cert = conf->public_cert, .public_key = conf->public_key,
	};
	hub_status st = HUB_OK;
	if (!conf->database[0]) {
		st = cluster_new(p->pg, p->pgrun, &p->core_user, &k, fault);
		if (st == HUB_OK)
			st = cluster_prepare(k, conf->database_memory, fault);
	}
	if (st == HUB_OK)
		st = daemons_list(c, p, k, &s, report >= 0, &d, fault);
	if (st == HUB_OK) {
		running r = { .place = p, .daemons = &d, .http = conf->http_listen, .since = clock_now(), .report = report };
		const supervisor_events events = { on_changed, on_ready, &r };
		write_state(&r, d.units, d.count);
		st = supervise(d.units, d.count, &events);
		if (st != HUB_OK)
			hub_fault_set(fault, "hub.start", "", "a step of the start failed; see above and %s", p->log);
	}
	daemons_fini(&d);
	cluster_free(k);
	return st;
}

static int run_hub(const ctl *c, const hubconf *conf, int report)
{
	hub_fault fault = { 0 };
	place p;
	int lock = -1;
	pid_t owner;
	log_setup("hub", LOG_INFO);
	umask(022);
	hub_status st = place_find(c, &p, &fault);
	if (st == HUB_OK)
		st = place_root(&p, &fault);
	if (st == HUB_OK)
		st = lock_take(p.lock, &lock, &owner, &fault);
	if (st == HUB_OK) {
		st = place_make(&p, &fault);
		if (st == HUB_OK)
			st = mqtt_prepare(c, &p, conf, &fault);
		if (st == HUB_OK) {
			place_sweep(&p);
			st = run_units(c, &p, conf, report, &fault);
			place_sweep(&p);
		}
		lock_drop(p.lock, lock);
	}
	int rc = st == HUB_OK ? CTL_OK : ctl_fail("up", st, &fault);
	place_fini(&p);
	return rc;
}

/* Our own process waits for the supervisor's word; the terminal's end does not reach the supervisor. */
static int detach(const ctl *c, const hubconf *conf)
{
	int report[2];
	char code = 1;
	if (pipe2(report, O_CLOEXEC))
		return ctl_fail("up", HUB_FAILED, NULL);
	pid_t pid = fork();
	if (pid == 0) {
		close(report[0]);
		setsid();
		/* Twice, so that the supervisor is nobody's child and nobody's terminal. */
		if (fork())
			_exit(0);
		int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
		dup2(null, 0);
		_exit(run_hub(c, conf, report[1]));
	}
	close(report[1]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	ssize_t n = read(report[0], &code, 1);
	close(report[0]);
	if (n == 1 && code == 1)
		fprintf(stderr, "hubctl up: the hub runs but is not healthy; hubctl doctor says why, hubctl down ends it\n");
	return n == 1 && !code ? CTL_OK : CTL_FAILED;
}

int ctl_up(ctl *c, int argc, char **argv)
{
	int bad = 0;
	hub_fault fault = { 0 };
	hubconf conf;
	bool detached = ctl_take(&argc, argv, "detach", 0, &bad);
	hub_status st = hubconf_read(c, argc, argv, &conf, &fault);
	if (st != HUB_OK)
		return ctl_fail("up", st, &fault);
	int rc = detached ? detach(c, &conf) : run_hub(c, &conf, -1);
	hubconf_fini(&conf);
	return rc;
}
