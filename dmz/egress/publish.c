#include "publish.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/log.h"

#include <mosquitto.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CONNECT_PATIENCE 5000000 /* µs */
enum { KEEPALIVE = 15, MIDS = 65536, HEARD_MAX = SAID_MAX };

static const char acks[] = "hub/v1/+/ack";

typedef struct waiting {
	size_t count, done;
	uint8_t *arrived; /* by place in the list */
} waiting;

typedef struct place {
	waiting *who; /* NULL: nobody waits any more */
	size_t at;
} place;

typedef struct heard {
	char *party;
	uint8_t *payload;
	size_t len;
} heard;

struct publisher {
	char *host;
	int port;
	pthread_mutex_t lock, turn; /* turn: whoever replaces the connection or publishes; lock: the rest */
	pthread_cond_t changed;
	struct mosquitto *client;
	bool broken, subscribed;
	uint64_t life; /* counts the connections */
	place mids[MIDS];
	heard said[HEARD_MAX];
	size_t said_count;
};

static struct timespec deadline_of(int64_t until)
{
	return (struct timespec) { until / 1000000, until % 1000000 * 1000 };
}

hub_status publisher_new(const char *broker, publisher **ret)
{
	publisher *p = fail_calloc(1, sizeof *p);
	if (!p)
		return HUB_NOMEM;
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&p->lock, NULL);
	pthread_mutex_init(&p->turn, NULL);
	pthread_cond_init(&p->changed, &attr);
	pthread_condattr_destroy(&attr);
	const char *colon = broker[0] == '/' ? NULL : strrchr(broker, ':');
	p->host = colon ? strndup(broker, (size_t)(colon - broker)) : fail_strdup(broker);
	p->port = colon ? atoi(colon + 1) : 0;
	if (!p->host || mosquitto_lib_init() != MOSQ_ERR_SUCCESS) {
		publisher_free(p);
		return HUB_NOMEM;
	}
	*ret = p;
	return HUB_OK;
}

static void on_connect(struct mosquitto *m, void *user, int rc)
{
	publisher *p = user;
	if (rc == 0 && mosquitto_subscribe(m, NULL, acks, 1) == MOSQ_ERR_SUCCESS)
		return;
	log_warn("the broker refuses us: %s", mosquitto_connack_string(rc));
	pthread_mutex_lock(&p->lock);
	p->broken = true;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

static void on_subscribe(struct mosquitto *m, void *user, int mid, int count, const int *granted)
{
	(void)m, (void)mid;
	publisher *p = user;
	pthread_mutex_lock(&p->lock);
	if (count == 1 && granted[0] < 128)
		p->subscribed = true;
	else
		p->broken = true;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

static void on_disconnect(struct mosquitto *m, void *user, int rc)
{
	(void)rc;
	publisher *p = user;
	mosquitto_disconnect(m); /* for good: it shall not connect again by itself */
	pthread_mutex_lock(&p->lock);
	p->broken = true;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

static void on_publish(struct mosquitto *m, void *user, int mid)
{
	(void)m;
	publisher *p = user;
	pthread_mutex_lock(&p->lock);
	place *at = &p->mids[mid % MIDS];
	if (at->who) {
		at->who->arrived[at->at] = 1;
		if (++at->who->done == at->who->count)
			pthread_cond_broadcast(&p->changed);
		at->who = NULL;
	}
	pthread_mutex_unlock(&p->lock);
}

/* hub/v1/PARTY/ack. What finds no room is lost: the recipient is sent its messages again and says so again. */
static void on_message(struct mosquitto *m, void *user, const struct mosquitto_message *msg)
{
	(void)m;
	publisher *p = user;
	static const char root[] = "hub/v1/";
	const char *party = msg->topic + sizeof root - 1, *slash = strchr(party, '/');
	if (strncmp(msg->topic, root, sizeof root - 1) || !slash || msg->payloadlen <= 0 ||
	    msg->payloadlen > SAID_PAYLOAD_MAX)
		return;
	pthread_mutex_lock(&p->lock);
	heard h = { .len = (size_t)msg->payloadlen };
	if (p->said_count < HEARD_MAX) {
		h.party = strndup(party, (size_t)(slash - party));
		h.payload = fail_calloc(1, h.len);
	}
	if (h.party && h.payload) {
		memcpy(h.payload, msg->payload, h.len);
		p->said[p->said_count++] = h;
		pthread_cond_broadcast(&p->changed);
	} else {
		free(h.party);
		free(h.payload);
	}
	pthread_mutex_unlock(&p->lock);
}

/* Forgets the connection and everything that waits on it. In turn. */
static void drop_client(publisher *p)
{
	struct mosquitto *old = p->client;
	p->client = NULL;
	if (old) {
		mosquitto_disconnect(old);
		mosquitto_loop_stop(old, false);
		mosquitto_destroy(old);
	}
	pthread_mutex_lock(&p->lock);
	memset(p->mids, 0, sizeof p->mids);
	p->broken = p->subscribed = false;
	p->life++;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

static bool start(publisher *p, const char *token)
{
	char name[40];
	snprintf(name, sizeof name, "hub-egress-%llx", (unsigned long long)clock_now());
	struct mosquitto *m = p->client = mosquitto_new(name, true, p);
	if (!m)
		return false;
	mosquitto_connect_callback_set(m, on_connect);
	mosquitto_subscribe_callback_set(m, on_subscribe);
	mosquitto_disconnect_callback_set(m, on_disconnect);
	mosquitto_publish_callback_set(m, on_publish);
	mosquitto_message_callback_set(m, on_message);
	mosquitto_max_inflight_messages_set(m, 0);
	return mosquitto_username_pw_set(m, "@hub", token) == MOSQ_ERR_SUCCESS &&
	       mosquitto_connect(m, p->host, p->port, KEEPALIVE) == MOSQ_ERR_SUCCESS &&
	       mosquitto_loop_start(m) == MOSQ_ERR_SUCCESS;
}

/* Connected, and hears acknowledgements, or HUB_AGAIN. In turn. */
static hub_status ready(publisher *p, const char *token, hub_fault *fault)
{
	const struct timespec until = deadline_of(clock_monotonic() + CONNECT_PATIENCE);
	pthread_mutex_lock(&p->lock);
	bool good = p->client && p->subscribed && !p->broken;
	pthread_mutex_unlock(&p->lock);
	if (good)
		return HUB_OK;
	drop_client(p);
	if (start(p, token)) {
		pthread_mutex_lock(&p->lock);
		while (!p->subscribed && !p->broken && !pthread_cond_timedwait(&p->changed, &p->lock, &until))
			;
		good = p->subscribed && !p->broken;
		pthread_mutex_unlock(&p->lock);
	}
	if (good)
		return HUB_OK;
	drop_client(p);
	hub_fault_set(fault, "egress.broker", "broker", "the broker at %.100s does not take us", p->host);
	return HUB_AGAIN;
}

static void publish_all(publisher *p, const wire_outgoing *list, size_t count, waiting *w)
{
	for (size_t i = 0; i < count; i++) {
		int mid;
		pthread_mutex_lock(&p->lock);
		if (p->broken ||
		    mosquitto_publish(p->client, &mid, list[i].url, (int)list[i].body_len, list[i].body, 1, false)) {
			p->broken = true;
			pthread_mutex_unlock(&p->lock);
			return;
		}
		p->mids[mid % MIDS] = (place) { w, i };
		pthread_mutex_unlock(&p->lock);
	}
}

hub_status publisher_run(publisher *p, const char *token, const wire_outgoing *list, size_t count, int64_t timeout,
			 size_t *ret_done, hub_fault *fault)
{
	const struct timespec until = deadline_of(clock_monotonic() + timeout);
	waiting w = { .count = count, .arrived = fail_calloc(1, count + 1) };
	if (!w.arrived)
		return HUB_NOMEM;
	pthread_mutex_lock(&p->turn);
	hub_status st = ready(p, token, fault);
	uint64_t life = p->life;
	if (st == HUB_OK)
		publish_all(p, list, count, &w);
	pthread_mutex_unlock(&p->turn);
	pthread_mutex_lock(&p->lock);
	while (st == HUB_OK && w.done < count && !p->broken && p->life == life &&
	       !pthread_cond_timedwait(&p->changed, &p->lock, &until))
		;
	for (size_t i = 0; i < MIDS; i++)
		if (p->mids[i].who == &w)
			p->mids[i].who = NULL;
	pthread_mutex_unlock(&p->lock);
	size_t done = 0;
	while (done < count && w.arrived[done])
		done++;
	free(w.arrived);
	*ret_done = done;
	if (st == HUB_OK && done < count) {
		hub_fault_set(fault, "egress.broker", "broker", "the broker took %zu of %zu messages", done, count);
		st = HUB_AGAIN;
	}
	return st;
}

hub_status publisher_hear(publisher *p, int64_t timeout, arena *a, wire_said **ret, size_t *ret_count)
{
	const struct timespec until = deadline_of(clock_monotonic() + timeout);
	pthread_mutex_lock(&p->lock);
	while (!p->said_count && !pthread_cond_timedwait(&p->changed, &p->lock, &until))
		;
	size_t n = p->said_count;
	wire_said *list = arena_array(a, n, sizeof *list);
	hub_status st = list ? HUB_OK : HUB_NOMEM;
	for (size_t i = 0; i < n; i++) {
		heard *h = &p->said[i];
		if (st == HUB_OK)
			list[i] =
			    (wire_said) { arena_strdup(a, h->party), arena_memdup(a, h->payload, h->len), h->len };
		if (st == HUB_OK && (!list[i].party || !list[i].payload))
			st = HUB_NOMEM;
		free(h->party);
		free(h->payload);
	}
	p->said_count = 0;
	pthread_mutex_unlock(&p->lock);
	*ret = list;
	*ret_count = n;
	return st;
}

void publisher_free(publisher *p)
{
	if (!p)
		return;
	drop_client(p);
	for (size_t i = 0; i < p->said_count; i++) {
		free(p->said[i].party);
		free(p->said[i].payload);
	}
	pthread_cond_destroy(&p->changed);
	pthread_mutex_destroy(&p->turn);
	pthread_mutex_destroy(&p->lock);
	free(p->host);
	free(p);
	mosquitto_lib_cleanup();
}
