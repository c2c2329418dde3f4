#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/option.h"
#include "charger.h"
#include "http.h"
#include "state.h"

static const option table[] = {
	{ "data", OPTION_PATH, "/var/lib/uhub/zone", 0, 0, false, "the zone's directory; wires are DIR/run/NAME.call …" },
	{ "zone_base", OPTION_TEXT, "", 0, 0, false, "where the wires listen instead: ipc://DIR or tls+tcp://HOST:PORT" },
	{ "name", OPTION_TEXT, "dmzd", 0, 0, false, "this daemon's name in the zone" },
	{ "ca", OPTION_PATH, "", 0, 0, false, "PEM of the private authority, for tls+tcp" },
	{ "cert", OPTION_PATH, "", 0, 0, false, "PEM of this daemon's certificate" },
	{ "key", OPTION_PATH, "", 0, 0, false, "PEM of its key" },
	{ "http_listen", OPTION_TEXT, "127.0.0.1:8080", 0, 0, false, "ADDRESS:PORT of the plain listener" },
	{ "party_listen", OPTION_TEXT, "", 0, 0, false,
	  "ADDRESS:PORT of the parties' TLS listener, which wants a client certificate; empty: none" },
	{ "public_listen", OPTION_TEXT, "", 0, 0, false,
	  "ADDRESS:PORT of the public TLS listener, for people and their apps, with the portal; empty: none" },
	{ "public_cert", OPTION_PATH, "", 0, 0, false, "PEM of its certificate with its chain; empty: the private authority's" },
	{ "public_key", OPTION_PATH, "", 0, 0, false, "PEM of that certificate's key" },
	{ "header_time", OPTION_DURATION, "10s", 1000000, 0, false, "a request's header must be complete within" },
	{ "body_time", OPTION_DURATION, "30s", 1000000, 0, false, "a request's body, and taking the answer, within" },
	{ "call_time", OPTION_DURATION, "20s", 1000000, 0, false, "the core must have answered within" },
	{ "answer_max", OPTION_SIZE, "64M", 1048576, 0, false, "longest answer joined from the core's parts" },
	{ "connections", OPTION_INT, "200", 1, 100000, false, "open connections of one address" },
	{ "rate", OPTION_INT, "500", 1, 100000, false, "requests a second of one address" },
	{ "burst", OPTION_INT, "1000", 1, 1000000, false, "requests of one address at once" },
	{ "charger_listen", OPTION_TEXT, "", 0, 0, false,
	  "ADDRESS:PORT of the charging stations' port, wss; empty: none" },
	{ "charger_plain", OPTION_TEXT, "", 0, 0, false, "ADDRESS:PORT of the same without TLS; empty: none" },
	{ "charger_ping", OPTION_DURATION, "60s", 1000000, 0, false, "a station that is silent so long is pinged; twice as long: let go" },
	{ "charger_connections", OPTION_INT, "20000", 1, 65536, false, "open connections to the charger port of one address" },
	{ "charger_messages", OPTION_INT, "200", 1, 100000, false, "messages a second of one station" },
	{ "log_level", OPTION_INT, "2", 0, 3, false, "0 errors, 1 warnings, 2 information, 3 all" },
	{ NULL },
};

typedef struct gateway {
	const options *o;
	char base[512];
	wire_tls tls;
	http *http;
	forwarder *forwarder;
	state_door *state;
	charger_port *charger;
	char directory[512], run[512];
} gateway;

/* Ports of tls+tcp count up: intake, call, order, hint. */
static void url_of(const gateway *d, int wire, char *out, size_t size)
{
	static const char *const names[] = { "intake", "call", "order", "hint" };
	const char *colon = strrchr(d->base, ':');
	if (!strncmp(d->base, "tls+tcp://", 10))
		snprintf(out, size, "%.*s:%d", (int)(colon - d->base), d->base, atoi(colon + 1) + wire);
	else
		snprintf(out, size, "%s/%s.%s", d->base, option_text(d->o, "name"), names[wire]);
}

static hub_status open_charger(gateway *d, hub_fault *fault)
{
	const options *o = d->o;
	const charger_settings settings = {
		.listen = option_text(o, "charger_listen"), .plain = option_text(o, "charger_plain"), .state = d->directory,
		.run = d->run, .header_time = option_int(o, "header_time"), .ping = option_int(o, "charger_ping"),
		.connections = (unsigned)option_int(o, "charger_connections"), .rate = (unsigned)option_int(o, "rate"),
		.burst = (unsigned)option_int(o, "burst"), .messages = (unsigned)option_int(o, "charger_messages"),
	};
	if (!settings.listen[0] && !settings.plain[0])
		return HUB_OK;
	snprintf(d->run, sizeof d->run, "%s/run", option_text(o, "data"));
	hub_status st = charger_open(http_loop(d->http), &settings, d->forwarder, &d->charger, fault);
	if (st == HUB_OK && settings.listen[0])
		log_info("charging stations at wss://%s/ocpp/", settings.listen);
	if (st == HUB_OK && settings.plain[0])
		log_info("charging stations at ws://%s/ocpp/, without TLS", settings.plain);
	return st;
}

static hub_status open_doors(gateway *d, hub_fault *fault)
{
	const options *o = d->o;
	char *directory = d->directory;
	snprintf(d->directory, sizeof d->directory, "%s/state", option_text(o, "data"));
	const http_settings settings = {
		.party_listen = option_text(o, "party_listen"), .state = directory, .call_time = option_int(o, "call_time"),
		.public_listen = option_text(o, "public_listen"), .public_cert = option_text(o, "public_cert"),
		.public_key = option_text(o, "public_key"), .listen = option_text(o, "http_listen"), .header_time = option_int(o, "header_time"),
		.body_time = option_int(o, "body_time"), .connections = (unsigned)option_int(o, "connections"),
		.rate = (unsigned)option_int(o, "rate"), .burst = (unsigned)option_int(o, "burst"),
	};
	const wire_tls *tls = d->tls.ca[0] ? &d->tls : NULL;
	char url[600];
	hub_status st = http_open(&settings, &d->http, fault);
	if (st != HUB_OK)
		return st;
	url_of(d, WIRE_CALL, url, sizeof url);
	st = forwarder_open(url, tls, option_text(o, "name"), option_int(o, "call_time"),
			    (size_t)option_int(o, "answer_max"), http_wake, d->http, &d->forwarder, fault);
	if (st != HUB_OK)
		return st;
	http_use(d->http, d->forwarder);
	url_of(d, WIRE_ORDER, url, sizeof url);
	st = state_open(url, tls, d->forwarder, d->http, &d->state, fault);
	return st == HUB_OK ? open_charger(d, fault) : st;
}

static int run(const options *o)
{
	gateway d = { .o = o, .tls = { option_text(o, "ca"), option_text(o, "cert"), option_text(o, "key") } };
	hub_fault fault = { 0 };
	const char *base = option_text(o, "zone_base");
	snprintf(d.base, sizeof d.base, "%s%s%s", base[0] ? base : "ipc://", base[0] ? "" : option_text(o, "data"),
		 base[0] ? "" : "/run");
	log_level_set((log_level)option_int(o, "log_level"));
	hub_status st = open_doors(&d, &fault);
	if (st == HUB_OK) {
		log_info("HTTP at %s, wires at %s", option_text(o, "http_listen"), d.base);
		if (option_text(o, "party_listen")[0])
			log_info("HTTPS for parties at %s", option_text(o, "party_listen"));
		if (option_text(o, "public_listen")[0])
			log_info("HTTPS for people at %s", option_text(o, "public_listen"));
		http_run(d.http);
	} else {
		log_error("%s (%s)", fault.message, fault.code);
	}
	state_close(d.state);
	charger_stop(d.charger);
	if (d.http)
		http_stop(d.http);
	forwarder_close(d.forwarder);
	charger_free(d.charger);
	http_close(d.http);
	return st == HUB_OK ? 0 : 1;
}

int main(int argc, char **argv)
{
	options *o = NULL;
	hub_fault fault = { 0 };
	int rest = 0;
	if (options_asked(table, "the gateway of the outer zone: HTTP to the core, nothing decided", argc, argv, &rest))
		return rest;
	log_setup("dmzd", LOG_INFO);
	signal(SIGPIPE, SIG_IGN);
	wire_watch();
	hub_status st = options_parse(table, NULL, argc, argv, &rest, &o, &fault);
	if (st == HUB_OK && rest < argc)
		st = hub_fault_set(&fault, "option.unknown", argv[rest], "'%.64s' is no option of dmzd", argv[rest]);
	if (st != HUB_OK) {
		fprintf(stderr, "dmzd: %s (%s)\n", fault.message, fault.code ? fault.code : hub_status_name(st));
		return 2;
	}
	int rc = run(o);
	options_free(o);
	return rc;
}
