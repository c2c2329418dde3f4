/*
 * sim_mqtt_json: home gateways of the simulated city, each an MQTT client of its own that publishes what the home's
 * electricity meter shows, once a minute.
 *   sim_mqtt_json --connect HOST:PORT --city FILE --homes FILE [--every SECONDS]
 * --homes: in the first line the party and its MQTT token, then the homes' numbers, one a line; while it or the city is
 * missing it waits. Faults are ordered by FILE.faults: silent, spike, exchange, clock_drift, twice, late, unit.
 */
#include <mosquitto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/living.h"
#include "sim/serve.h"

enum { GATEWAYS = 64, WORD = 100, TOKEN = 2048, LATE_MOST = 256, AHEAD = 120 /* s of a clock that drifts */ };

typedef struct gateway {
	living_meter meter;
	struct mosquitto *client;
	size_t late_count;
	char *late[LATE_MOST]; /* what it has not said yet */
} gateway;

typedef struct neighbourhood {
	living city;
	char party[WORD], token[TOKEN], host[WORD];
	int port;
	size_t count;
	gateway *gateways;
} neighbourhood;

static bool gateways_read(neighbourhood *n, const char *path)
{
	FILE *f = fopen(path, "r");
	uint32_t number;
	bool good = f && fscanf(f, "%99s %2047s", n->party, n->token) == 2;
	while (good && n->count < GATEWAYS && fscanf(f, "%u", &number) == 1)
		n->gateways[n->count++].meter = (living_meter) { .of = &n->city, .number = number };
	if (f)
		fclose(f);
	return n->count > 0;
}

/* It connects by itself, and again whenever it is cut. */
static bool join(neighbourhood *n, gateway *g)
{
	char id[32];
	snprintf(id, sizeof id, "gateway-%05u", g->meter.number);
	g->client = mosquitto_new(id, true, NULL);
	return g->client && !mosquitto_username_pw_set(g->client, n->party, n->token) &&
	       !mosquitto_reconnect_delay_set(g->client, 1, 10, true) &&
	       (mosquitto_connect_async(g->client, n->host, n->port, 60), true) && !mosquitto_loop_start(g->client);
}

static void publish(const neighbourhood *n, gateway *g, const char *text)
{
	char topic[WORD + 40];
	snprintf(topic, sizeof topic, "hub/v1/%s/in/gateway-%05u", n->party, g->meter.number);
	mosquitto_publish(g->client, NULL, topic, (int)strlen(text), text, 1, false);
}

static void tell_late(const neighbourhood *n, gateway *g)
{
	for (size_t i = 0; i < g->late_count; i++) {
		publish(n, g, g->late[i]);
		free(g->late[i]);
	}
	g->late_count = 0;
}

static void say(neighbourhood *n, gateway *g, int64_t now)
{
	char text[400], when[32];
	sim_shown s;
	const living_fault_kind f = living_fault(&n->city, "home", g->meter.number);
	time_t t = (time_t)(now + (f == LIVING_DRIFT ? AHEAD : 0));
	struct tm tm;
	if (!living_shown(&g->meter, LIVING_POWER, now, &s))
		return;
	gmtime_r(&t, &tm);
	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &tm);
	snprintf(
	    text, sizeof text,
	    "[{\"meter\":\"%012u\",\"quantity\":\"active_energy_import\",\"kind\":\"register\",\"unit\":\"%s\","
	    "\"value\":"
	    "\"%lld.%03lld\",\"time\":\"%s\"},{\"meter\":\"%012u\",\"quantity\":\"active_power\",\"kind\":\"instant\","
	    "\"unit\":\"kW\",\"value\":\"%d.%03d\",\"time\":\"%s\"}]",
	    g->meter.number, f == LIVING_UNIT ? "m3" : "kWh", (long long)s.import / 1000, (long long)s.import % 1000,
	    when, g->meter.number, (s.now > 0 ? s.now : 0) / 1000, (s.now > 0 ? s.now : 0) % 1000, when);
	if (f == LIVING_LATE && g->late_count < LATE_MOST) {
		g->late[g->late_count++] = strdup(text);
		return;
	}
	tell_late(n, g);
	publish(n, g, text);
	if (f == LIVING_TWICE)
		publish(n, g, text);
}

int main(int argc, char **argv)
{
	neighbourhood n = { .city = { .path = sim_option(argc, argv, "--city", NULL) },
			    .gateways = calloc(GATEWAYS, sizeof *n.gateways) };
	const char *target = sim_option(argc, argv, "--connect", NULL),
		   *homes = sim_option(argc, argv, "--homes", NULL), *colon = target ? strrchr(target, ':') : NULL;
	int64_t every = strtoll(sim_option(argc, argv, "--every", "60"), NULL, 10);
	if (!n.gateways || !n.city.path || !homes || !colon || (size_t)(colon - target) >= sizeof n.host) {
		fprintf(stderr,
			"usage: sim_mqtt_json --connect HOST:PORT --city FILE --homes FILE [--every SECONDS]\n");
		free(n.gateways);
		return 2;
	}
	memcpy(n.host, target, (size_t)(colon - target));
	n.port = atoi(colon + 1);
	while (!living_there(&n.city, time(NULL)) || !gateways_read(&n, homes))
		nanosleep(&(struct timespec) { .tv_sec = 1 }, NULL);
	mosquitto_lib_init();
	for (size_t i = 0; i < n.count; i++)
		if (!join(&n, &n.gateways[i]))
			return 1;
	for (int64_t next = 0;;) {
		int64_t now = time(NULL);
		for (size_t i = 0; now >= next && i < n.count; i++)
			say(&n, &n.gateways[i], now);
		next = now >= next ? now + (every > 0 ? every : 1) : next;
		nanosleep(&(struct timespec) { .tv_sec = 1 }, NULL);
	}
}
