#include "send.h"

#include "base/clock.h"
#include "base/fail.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { IDLE_MAX = 256, LATEST = 86400 /* s: a longer Retry-After is as if it said so much */ };

/* A handle with its live connection, waiting for the next order to its recipient. */
typedef struct idle {
	char origin[TARGET_PIN];
	CURL *curl;
	int64_t since;
} idle;

struct sender {
	target_allow allow;
	char *ca;
	pthread_mutex_t lock; /* over the list */
	idle list[IDLE_MAX];
	size_t count;
};

hub_status sender_new(const target_allow *allow, const char *ca, sender **ret)
{
	sender *s = fail_calloc(1, sizeof *s);
	if (!s)
		return HUB_NOMEM;
	s->allow = *allow;
	s->ca = ca && *ca ? fail_strdup(ca) : NULL;
	pthread_mutex_init(&s->lock, NULL);
	if ((ca && *ca && !s->ca) || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		sender_free(s);
		return HUB_NOMEM;
	}
	*ret = s;
	return HUB_OK;
}

void sender_free(sender *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->count; i++)
		curl_easy_cleanup(s->list[i].curl);
	pthread_mutex_destroy(&s->lock);
	free(s->ca);
	free(s);
}

/* The handle that spoke to this recipient last, or a new one. */
static CURL *take(sender *s, const char *origin)
{
	CURL *found = NULL;
	pthread_mutex_lock(&s->lock);
	for (size_t i = s->count; i-- > 0 && !found;)
		if (!strcmp(s->list[i].origin, origin)) {
			found = s->list[i].curl;
			s->list[i] = s->list[--s->count];
		}
	pthread_mutex_unlock(&s->lock);
	return found ? found : curl_easy_init();
}

static void give(sender *s, const char *origin, CURL *curl)
{
	CURL *out = NULL;
	pthread_mutex_lock(&s->lock);
	size_t at = s->count;
	if (s->count == IDLE_MAX) {
		at = 0;
		for (size_t i = 1; i < IDLE_MAX; i++)
			if (s->list[i].since < s->list[at].since)
				at = i;
		out = s->list[at].curl;
	} else {
		s->count++;
	}
	s->list[at].curl = curl;
	s->list[at].since = clock_monotonic();
	strcpy(s->list[at].origin, origin);
	pthread_mutex_unlock(&s->lock);
	if (out)
		curl_easy_cleanup(out);
}

typedef struct answer {
	uint8_t bytes[OUTGOING_ANSWER_MAX];
	size_t len;
} answer;

/* What is beyond the first bytes is read and forgotten, so that the connection can be used again. */
static size_t on_body(char *bytes, size_t size, size_t count, void *user)
{
	answer *a = user;
	size_t n = size * count, room = sizeof a->bytes - a->len, kept = n < room ? n : room;
	memcpy(a->bytes + a->len, bytes, kept);
	a->len += kept;
	return n;
}

static struct curl_slist *headers_of(const wire_outgoing *o, arena *a)
{
	/* An empty Expect keeps curl from waiting for 100 Continue before a long body. */
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");
	for (size_t i = 0; list && i < o->header_count; i++) {
		const char *line = arena_printf(a, "%s: %s", o->headers[i].name, o->headers[i].value);
		struct curl_slist *longer = line && !strpbrk(line, "\r\n") ? curl_slist_append(list, line) : NULL;
		if (!longer) {
			curl_slist_free_all(list);
			return NULL;
		}
		list = longer;
	}
	return list;
}

static void arrange(CURL *c, const sender *s, const wire_outgoing *o, struct curl_slist *pin, struct curl_slist *headers,
		    answer *body)
{
	long ms = (long)(o->timeout / 1000);
	curl_easy_reset(c); /* keeps connections and the DNS cache */
	curl_easy_setopt(c, CURLOPT_URL, o->url);
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, o->method);
	curl_easy_setopt(c, CURLOPT_RESOLVE, pin);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	if (o->body_len) {
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)o->body_len);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, o->body);
	}
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, ms > 0 ? ms : 1L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, ms > 5000 ? 5000L : ms > 0 ? ms : 1L);
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)(1024 * 1024));
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, body);
	if (s->ca)
		curl_easy_setopt(c, CURLOPT_CAINFO, s->ca);
}

static const char *code_of(CURLcode rc)
{
	switch (rc) {
	case CURLE_OPERATION_TIMEDOUT:
		return "egress.timeout";
	case CURLE_COULDNT_CONNECT:
		return "egress.connect";
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR:
		return "egress.tls";
	default:
		return "egress.answer";
	}
}

static hub_status one(CURL *c, const sender *s, const wire_outgoing *o, struct curl_slist *pin, arena *a, wire_outcome *ret)
{
	answer body = { .len = 0 };
	struct curl_slist *headers = headers_of(o, a);
	if (!headers)
		return HUB_NOMEM;
	int64_t from = clock_monotonic();
	arrange(c, s, o, pin, headers, &body);
	CURLcode rc = curl_easy_perform(c);
	long status = 0;
	curl_off_t later = 0; /* seconds, whether it was said as such or as a date */
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(c, CURLINFO_RETRY_AFTER, &later);
	curl_slist_free_all(headers);
	bool answered = rc == CURLE_OK && status >= 200;
	*ret = (wire_outcome){ .status = answered ? (int)status : 0, .code = answered ? "" : code_of(rc),
			       .message = answered ? "" : arena_strdup(a, curl_easy_strerror(rc)),
			       .body = arena_memdup(a, body.bytes, body.len), .body_len = body.len,
			       .took = clock_monotonic() - from,
			       .retry_after = answered && later > 0 ? (later < LATEST ? later : LATEST) * INT64_C(1000000) : 0 };
	return ret->body && ret->message ? HUB_OK : HUB_NOMEM;
}

static hub_status refused(const hub_fault *fault, arena *a, wire_outcome *ret)
{
	*ret = (wire_outcome){ .code = fault->code, .message = arena_strdup(a, fault->message) };
	return ret->message ? HUB_OK : HUB_NOMEM;
}

hub_status sender_one(sender *s, const wire_outgoing *o, arena *a, wire_outcome *ret)
{
	target t;
	hub_fault fault;
	hub_status st = target_parse(o->url, &t, &fault);
	if (st == HUB_OK)
		st = target_resolve(&s->allow, &t, &fault);
	if (st != HUB_OK)
		return refused(&fault, a, ret);
	/* The address is part of the name: a recipient that moved gets a new connection. */
	CURL *c = take(s, t.pin);
	struct curl_slist *pin = c ? curl_slist_append(NULL, t.pin) : NULL;
	st = pin ? one(c, s, o, pin, a, ret) : HUB_NOMEM;
	curl_slist_free_all(pin);
	if (c)
		give(s, t.pin, c);
	return st;
}

hub_status sender_run(sender *s, const wire_outgoing *list, size_t count, arena *a, wire_outcome **ret, size_t *ret_count)
{
	wire_outcome *out = arena_array(a, count, sizeof *out);
	hub_status st = out ? HUB_OK : HUB_NOMEM;
	size_t n = 0;
	for (bool go_on = true; st == HUB_OK && go_on && n < count; n++) {
		st = sender_one(s, &list[n], a, &out[n]);
		go_on = out[n].status >= 200 && out[n].status < 300;
	}
	if (st == HUB_OK) {
		*ret = out;
		*ret_count = n;
	}
	return st;
}
