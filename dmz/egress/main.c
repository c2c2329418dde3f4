#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/option.h"
#include "deliver.h"
#include "once.h"
#include "wire/order.h"

static const option table[] = {
	{ "data", OPTION_PATH, "/var/lib/uhub/zone", 0, 0, false, "the zone's directory; the wire is DIR/run/NAME.order" },
	{ "zone_base", OPTION_TEXT, "", 0, 0, false, "where the wires listen instead: ipc://DIR or tls+tcp://HOST:PORT" },
	{ "name", OPTION_TEXT, "egress", 0, 0, false, "this daemon's name in the zone" },
	{ "ca", OPTION_PATH, "", 0, 0, false, "PEM of the private authority, for tls+tcp" },
	{ "cert", OPTION_PATH, "", 0, 0, false, "PEM of this daemon's certificate" },
	{ "key", OPTION_PATH, "", 0, 0, false, "PEM of its key" },
	{ "allow", OPTION_TEXT, "", 0, 0, false, "private or loopback ranges that requests may go to, such as 127.0.0.0/8" },
	{ "authorities", OPTION_PATH, "", 0, 0, false, "PEM of the authorities trusted for https; the system's if empty" },
	{ "drop", OPTION_PATH, "", 0, 0, false, "where parties' drop folders lie; empty: drop in the zone's directory" },
	{ "broker", OPTION_TEXT, "", 0, 0, false,
	  "the broker for MQTT deliveries: a unix socket or HOST:PORT; empty: run/mqtt.sock in the zone's directory" },
	{ "threads", OPTION_INT, "128", 1, 1024, false, "orders done at once; a recipient that hangs holds one" },
	{ "log_level", OPTION_INT, "2", 0, 3, false, "0 errors, 1 warnings, 2 information, 3 all" },
	{ NULL },
};

enum { ANSWERS = 1024 };
#define HEAR 1000000 /* µs that the order "acks" waits */

typedef struct egress {
	doors doors;
	once *once;
	wire_answerer *door;
	hub_time since;
} egress;

static void report(buf *answer, hub_status st, const hub_fault *fault, const buf *body)
{
	const wire_report r = { st, st == HUB_OK ? "" : fault->code ? fault->code : "egress.failed",
				st == HUB_OK ? "" : fault->message, body->bytes, body->len };
	wire_report_pack(answer, &r);
}

static hub_status http(egress *e, const wire_order *order, arena *a, buf *body, hub_fault *fault)
{
	wire_outgoing *list;
	wire_outcome *outcomes;
	size_t count, done;
	hub_status st = wire_outgoing_unpack(order->body, order->body_len, a, &list, &count, fault);
	if (st == HUB_OK)
		st = sender_run(e->doors.sender, list, count, a, &outcomes, &done);
	if (st == HUB_OK)
		wire_outcome_pack(body, outcomes, done);
	return st;
}

static hub_status dispatch(egress *e, const wire_order *order, arena *a, buf *body, hub_fault *fault)
{
	wire_dispatch d;
	wire_outcome *outcomes;
	size_t done;
	hub_status st = wire_dispatch_unpack(order->body, order->body_len, a, &d, fault);
	if (st == HUB_OK)
		st = deliver(&e->doors, &d, a, &outcomes, &done, fault);
	if (st == HUB_OK)
		wire_outcome_pack(body, outcomes, done);
	return st;
}

static hub_status hear(egress *e, const wire_order *order, arena *a, buf *body, hub_fault *fault)
{
	(void)order, (void)fault;
	wire_said *list;
	size_t count;
	hub_status st = publisher_hear(e->doors.publisher, HEAR, a, &list, &count);
	if (st == HUB_OK)
		wire_said_pack(body, list, count);
	return st;
}

static hub_status state(egress *e, const wire_order *order, arena *a, buf *body, hub_fault *fault)
{
	(void)order, (void)a, (void)fault;
	char since[CLOCK_TEXT];
	buf_printf(body, "{\"daemon\":\"egress\",\"pid\":%d,\"since\":\"%s\",\"core\":%s}", (int)getpid(),
		   clock_text(e->since, since), wire_answerer_connected(e->door) ? "true" : "false");
	return HUB_OK;
}

static const struct {
	const char *what;
	bool once; /* a repeat is answered as the first time */
	hub_status (*run)(egress *e, const wire_order *order, arena *a, buf *body, hub_fault *fault);
} orders[] = { { "http", true, http }, { "deliver", true, dispatch }, { "acks", true, hear }, { "state", false, state } };
enum { ORDERS = sizeof orders / sizeof orders[0] };

static hub_status on_order(void *user, int worker, const uint8_t *msg, size_t len, buf *answer)
{
	(void)worker;
	egress *e = user;
	arena a;
	wire_order order;
	buf body = { 0 };
	hub_fault fault = { 0 };
	arena_init(&a, 8 * WIRE_MESSAGE_MAX);
	hub_status st = wire_order_unpack(msg, len, &a, &order, &fault);
	size_t which = 0;
	while (st == HUB_OK && which < ORDERS && strcmp(order.what, orders[which].what))
		which++;
	bool single = st == HUB_OK && which < ORDERS && orders[which].once;
	if (single)
		st = once_begin(e->once, &order.head, answer);
	if (st == HUB_CONFLICT || st == HUB_AGAIN) {
		arena_fini(&a);
		return st == HUB_CONFLICT ? HUB_OK : HUB_AGAIN;
	}
	if (st == HUB_OK && which < ORDERS) {
		st = orders[which].run(e, &order, &a, &body, &fault);
	} else if (st == HUB_OK) {
		hub_fault_set(&fault, "egress.order", "what", "egress takes no order '%.32s'", order.what);
		st = HUB_MISSING;
	}
	report(answer, st, &fault, &body);
	if (single)
		once_done(e->once, &order.head, answer->bytes, answer->bad ? 0 : answer->len);
	buf_fini(&body);
	arena_fini(&a);
	return answer->bad ? HUB_NOMEM : HUB_OK;
}

/* Until SIGTERM or SIGINT. */
static void wait_for_end(void)
{
	sigset_t set;
	int number;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigwait(&set, &number);
}

static void signals_hold(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &set, NULL); /* before any thread begins */
	signal(SIGPIPE, SIG_IGN);
	wire_watch();
}

static void url_of(const options *o, char *out, size_t size)
{
	const char *base = option_text(o, "zone_base");
	const char *colon = strrchr(base, ':');
	/* Ports of tls+tcp count up: intake, call, order, hint. */
	if (!strncmp(base, "tls+tcp://", 10))
		snprintf(out, size, "%.*s:%d", (int)(colon - base), base, atoi(colon + 1) + WIRE_ORDER);
	else if (base[0])
		snprintf(out, size, "%s/%s.order", base, option_text(o, "name"));
	else
		snprintf(out, size, "ipc://%s/run/%s.order", option_text(o, "data"), option_text(o, "name"));
}

/* What the zone's directory holds unless an option says otherwise. */
static hub_status open_doors(const options *o, egress *e, hub_fault *fault)
{
	target_allow allow;
	static char drop[600], broker[600];
	const char *data = option_text(o, "data"), *given = option_text(o, "drop");
	snprintf(drop, sizeof drop, given[0] ? "%s" : "%s/drop", given[0] ? given : data);
	given = option_text(o, "broker");
	snprintf(broker, sizeof broker, given[0] ? "%s" : "%s/run/mqtt.sock", given[0] ? given : data);
	if (!option_text(o, "drop")[0])
		mkdir(drop, 0750);
	e->doors.drop = drop;
	hub_status st = target_allow_parse(option_text(o, "allow"), &allow, fault);
	if (st == HUB_OK)
		st = sender_new(&allow, option_text(o, "authorities"), &e->doors.sender);
	if (st == HUB_OK)
		st = publisher_new(broker, &e->doors.publisher);
	return st == HUB_OK ? lanes_new(&e->doors.lanes) : st;
}

static int run(const options *o)
{
	egress e = { .since = clock_now() };
	hub_fault fault = { 0 };
	char url[600];
	const wire_tls tls = { option_text(o, "ca"), option_text(o, "cert"), option_text(o, "key") };
	log_level_set((log_level)option_int(o, "log_level"));
	signals_hold();
	url_of(o, url, sizeof url);
	hub_status st = open_doors(o, &e, &fault);
	if (st == HUB_OK)
		st = once_new(ANSWERS, &e.once);
	if (st == HUB_OK)
		st = wire_answer_listen(url, tls.ca[0] ? &tls : NULL, (int)option_int(o, "threads"), on_order, &e, &e.door, &fault);
	if (st == HUB_OK) {
		log_info("orders at %s", url);
		wait_for_end();
	} else {
		log_error("%s (%s)", fault.message, fault.code ? fault.code : hub_status_name(st));
	}
	if (e.door)
		wire_answerer_close(e.door);
	once_free(e.once);
	publisher_free(e.doors.publisher);
	sender_free(e.doors.sender);
	lanes_free(e.doors.lanes);
	return st == HUB_OK ? 0 : 1;
}

int main(int argc, char **argv)
{
	options *o = NULL;
	hub_fault fault = { 0 };
	int rest = 0;
	log_setup("egress", LOG_INFO);
	if (options_asked(table, "sends what the core orders: webhooks and other outgoing HTTP", argc, argv, &rest))
		return rest;
	hub_status st = options_parse(table, NULL, argc, argv, &rest, &o, &fault);
	if (st == HUB_OK && rest < argc)
		st = hub_fault_set(&fault, "option.unknown", argv[rest], "'%.64s' is no option of egress", argv[rest]);
	if (st != HUB_OK) {
		fprintf(stderr, "egress: %s (%s)\n", fault.message, fault.code ? fault.code : hub_status_name(st));
		return 2;
	}
	int rc = run(o);
	options_free(o);
	return rc;
}
