#include "session.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/fail.h"
#include "base/option.h"
#include "counter.h"
#include "table.h"

enum { FRAME_MAX = 1024 * 1024, STAMP_AHEAD_MAX = 1000000 /* µs */, NAMED = 4096 };

struct hub_host {
	const hub_adapter *adapter;
	const host_calls *calls;
	void *context;
	void *self;             /* the adapter's instance */
	hub_link *first, *last; /* open sessions, in the order they were opened */
	tables tables;
	counters counters;
	hub_link *named[NAMED]; /* by their peer's address */
	hub_time soonest; /* no link wakes before; 0: none does */
};

struct hub_link {
	hub_host *host;
	hub_link *prev, *next;
	hub_link *named; /* the next of the bucket */
	void *session; /* the adapter's */
	void *tag;
	hub_peer peer; /* its texts belong to the link */
	uint8_t *bytes; /* [0, len) is not consumed yet; len <= cap */
	size_t len, cap;
	bool end;      /* the document in bytes is complete */
	bool hung_up;
	hub_time wake;     /* 0: none */
	hub_time received; /* of the bytes shown last */
	hub_time stamped;  /* the time given last to what had none */
};

static hub_time host_now(const hub_host *host)
{
	return host->calls->now ? host->calls->now(host->context) : clock_now();
}

static hub_status record_hand_over(hub_link *link, record *r)
{
	const host_calls *calls = link->host->calls;
	r->peer = link->peer.address;
	r->received = link->received;
	return calls->on_record ? calls->on_record(link->host->context, link, r) : HUB_OK;
}

/*
 * A meter's frames that came in one read were received at one time; stamped with it, the second
 * would pass for a correction of the first. A clock that was set back is followed all the same.
 */
static hub_time stamp_next(hub_link *link)
{
	int64_t ahead = link->stamped - link->received;
	link->stamped = ahead >= 0 && ahead < STAMP_AHEAD_MAX ? link->stamped + 1 : link->received;
	return link->stamped;
}

static void stamp(hub_link *link, record *r)
{
	hub_time *time[] = {
		[HUB_RECORD_READING] = &r->body.reading.time,
		[HUB_RECORD_EVENT] = &r->body.event.time,
		[HUB_RECORD_TRANSACTION] = &r->body.transaction.time,
		[HUB_RECORD_RESULT] = &r->body.result.time,
		[HUB_RECORD_ARCHIVE] = &r->body.archive.time,
	};
	if (*time[r->body.type])
		return;
	*time[r->body.type] = stamp_next(link);
	if (r->body.type == HUB_RECORD_READING)
		r->body.reading.flags |= HUB_HOST_TIME;
}

static hub_status api_emit(hub_link *link, const hub_record *body)
{
	hub_fault fault = { .message = "emit: a fault goes to reject" };
	if (body->type == HUB_RECORD_FAULT || record_check(body, &fault) != HUB_OK) {
		const host_calls *calls = link->host->calls;
		if (calls->on_log)
			calls->on_log(link->host->context, 0, fault.message);
		return HUB_REJECT;
	}
	record r = { .body = *body, .received = link->received };
	if (link->host->calls->stamp)
		stamp(link, &r);
	return record_hand_over(link, &r);
}

static hub_status api_reject(hub_link *link, const hub_fault *fault, const uint8_t *raw, size_t raw_len)
{
	record r = { .body = { .type = HUB_RECORD_FAULT, .raw = raw, .raw_len = raw_len }, .fault = *fault };
	return record_hand_over(link, &r);
}

static hub_status api_send(hub_link *link, const uint8_t *bytes, size_t len)
{
	const host_calls *calls = link->host->calls;
	return calls->on_send ? calls->on_send(link->host->context, link, bytes, len) : HUB_OK;
}

static hub_status api_reply_after_store(hub_link *link, uint64_t mark, const uint8_t *bytes, size_t len)
{
	const host_calls *calls = link->host->calls;
	return calls->on_reply ? calls->on_reply(link->host->context, link, mark, bytes, len) : HUB_OK;
}

static void api_wake_at(hub_link *link, hub_time when)
{
	hub_host *host = link->host;
	link->wake = when;
	if (when && (!host->soonest || when < host->soonest))
		host->soonest = when;
}

static void api_hang_up(hub_link *link, const char *reason)
{
	const host_calls *calls = link->host->calls;
	if (link->hung_up)
		return;
	link->hung_up = true;
	if (calls->on_hang_up)
		calls->on_hang_up(link->host->context, link, reason);
}

static hub_time api_now(hub_host *host)
{
	return host_now(host);
}

static hub_status api_lookup(hub_host *host, const char *table, const char *key, const char **ret_value)
{
	const table_row *row = tables_find(&host->tables, table, key);
	if (!row)
		return HUB_MISSING;
	*ret_value = row->value;
	return HUB_OK;
}

static hub_status api_next(hub_host *host, const char *table, const char *after, const char **ret_key,
			   const char **ret_value)
{
	const table_row *row = tables_next(&host->tables, table, after);
	if (!row)
		return HUB_MISSING;
	*ret_key = row->key;
	*ret_value = row->value;
	return HUB_OK;
}

static hub_status api_counter(hub_host *host, const char *name, int64_t step, int64_t *ret_value)
{
	hub_status st = counters_add(&host->counters, name, step, ret_value);
	if (st == HUB_OK && step && host->calls->on_counter)
		host->calls->on_counter(host->context, name, *ret_value);
	return st;
}

static void api_log(hub_host *host, int level, const char *fmt, ...)
{
	char text[512];
	if (!host->calls->on_log)
		return;
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	host->calls->on_log(host->context, level, text);
}

static const hub_host_api api = {
	.abi = HUB_ADAPTER_ABI,
	.size = sizeof(hub_host_api),
	.emit = api_emit,
	.reject = api_reject,
	.send = api_send,
	.reply_after_store = api_reply_after_store,
	.wake_at = api_wake_at,
	.hang_up = api_hang_up,
	.now = api_now,
	.lookup = api_lookup,
	.next = api_next,
	.counter = api_counter,
	.log = api_log,
};

hub_status instance_open(const hub_adapter *adapter, const host_calls *calls, void *context,
			 const hub_setting *given, size_t count, hub_host **ret, hub_fault *fault)
{
	assert(adapter->frame_max > 0 && adapter->frame_max <= FRAME_MAX);
	hub_host *host = fail_calloc(1, sizeof *host);
	if (!host)
		return HUB_NOMEM;
	*host = (hub_host){ .adapter = adapter, .calls = calls, .context = context };
	arena a;
	hub_setting *settings;
	arena_init(&a, 0);
	hub_status st = settings_resolve(adapter->options, given, count, &a, &settings, fault);
	if (st == HUB_OK)
		st = adapter->open(&api, host, settings, &host->self, fault);
	arena_fini(&a);
	if (st != HUB_OK) {
		free(host);
		return st;
	}
	*ret = host;
	return HUB_OK;
}

void instance_close(hub_host *host)
{
	if (!host)
		return;
	while (host->first)
		session_close(host->first);
	host->adapter->close(host->self);
	tables_fini(&host->tables);
	counters_fini(&host->counters);
	free(host);
}

const hub_adapter *instance_adapter(const hub_host *host)
{
	return host->adapter;
}

hub_status instance_table_put(hub_host *host, const char *table, const char *key, const char *value)
{
	return tables_put(&host->tables, table, key, value);
}

hub_status instance_counter_put(hub_host *host, const char *name, int64_t value)
{
	return counters_put(&host->counters, name, value);
}

/* Who cancelled leaves its time behind: to be woken for nobody costs one look at all. */
hub_time instance_wake(const hub_host *host)
{
	return host->soonest;
}

static void soonest_anew(hub_host *host)
{
	host->soonest = 0;
	for (const hub_link *l = host->first; l; l = l->next)
		if (l->wake && !l->hung_up && (!host->soonest || l->wake < host->soonest))
			host->soonest = l->wake;
}

/* Of ten thousand sessions most sleep: they are not looked at before one of them is due. */
void instance_timers(hub_host *host)
{
	hub_time now = host_now(host);
	if (!host->soonest || host->soonest > now)
		return;
	for (hub_link *l = host->first; l; l = l->next) {
		if (!l->wake || l->wake > now || l->hung_up)
			continue;
		l->wake = 0;
		l->received = now;
		hub_status st = host->adapter->timer ? host->adapter->timer(l->session, now) : HUB_OK;
		if (st != HUB_OK && st != HUB_AGAIN)
			api_hang_up(l, "the adapter failed");
	}
	soonest_anew(host);
}

static hub_status command_to(hub_link *l, const hub_command *command)
{
	if (l->hung_up)
		return HUB_MISSING;
	l->received = host_now(l->host);
	return l->host->adapter->command(l->session, command);
}

static hub_link **bucket(hub_host *host, const char *name)
{
	uint32_t h = 2166136261u;
	for (; *name; name++)
		h = (h ^ (uint8_t)*name) * 16777619u;
	return &host->named[h % NAMED];
}

/* A peer that is called as the meter most likely speaks for it; else whoever does. */
hub_status instance_command(hub_host *host, const hub_command *command)
{
	hub_status st = HUB_MISSING;
	if (!host->adapter->command)
		return st;
	for (hub_link *l = *bucket(host, command->meter); l && st == HUB_MISSING; l = l->named)
		if (!strcmp(l->peer.address, command->meter))
			st = command_to(l, command);
	for (hub_link *l = host->first; l && st == HUB_MISSING; l = l->next)
		if (strcmp(l->peer.address, command->meter) != 0)
			st = command_to(l, command);
	return st;
}

static bool peer_copy(hub_link *link, const hub_peer *peer)
{
	char *address = fail_strdup(peer->address), *identity = fail_strdup(peer->identity);
	link->peer = (hub_peer){ peer->transport, address, identity };
	return address && identity;
}

static void link_free(hub_link *link)
{
	free((char *)link->peer.address);
	free((char *)link->peer.identity);
	free(link->bytes);
	free(link);
}

hub_status session_open(hub_host *host, const hub_peer *peer, void *tag, hub_link **ret)
{
	hub_link *link = fail_calloc(1, sizeof *link);
	if (!link)
		return HUB_NOMEM;
	link->host = host;
	link->tag = tag;
	link->received = host_now(host);
	hub_status st = peer_copy(link, peer) ? HUB_OK : HUB_NOMEM;
	if (st == HUB_OK)
		st = host->adapter->session_open(host->self, &link->peer, link, &link->session);
	if (st != HUB_OK) {
		link_free(link);
		return st;
	}
	link->prev = host->last;
	*(host->last ? &host->last->next : &host->first) = link;
	host->last = link;
	link->named = *bucket(host, link->peer.address);
	*bucket(host, link->peer.address) = link;
	*ret = link;
	return HUB_OK;
}

void session_close(hub_link *link)
{
	if (!link)
		return;
	hub_host *host = link->host;
	host->adapter->session_close(link->session);
	hub_link **at = bucket(host, link->peer.address);
	while (*at != link)
		at = &(*at)->named;
	*at = link->named;
	*(link->prev ? &link->prev->next : &host->first) = link->next;
	*(link->next ? &link->next->prev : &host->last) = link->prev;
	link_free(link);
}

void *session_tag(const hub_link *link)
{
	return link->tag;
}

const hub_peer *session_peer(const hub_link *link)
{
	return &link->peer;
}

static hub_status failed(hub_link *link, const char *reason)
{
	api_hang_up(link, reason);
	return HUB_FAILED;
}

/* What the adapter left of a run it should have dealt with is refused in its place. */
static hub_status refuse_rest(hub_link *link, const uint8_t *bytes, size_t len, bool too_long)
{
	hub_fault fault;
	if (too_long)
		hub_fault_set(&fault, "frame.too_long", "",
			      "a frame may have at most %zu bytes: %zu bytes began none that ended; "
			      "check the protocol spoken by %s",
			      link->host->adapter->frame_max, len, link->peer.address);
	else
		hub_fault_set(&fault, "frame.unconsumed", "",
			      "the adapter left %zu bytes at the end of a document: report this as its defect", len);
	return api_reject(link, &fault, bytes, len);
}

/* Sanitized builds show a copy of exactly this size, so that a read past the end is seen. */
static hub_status show_once(hub_link *link, const uint8_t *bytes, size_t len, bool end, size_t *ret_used)
{
	const hub_adapter *adapter = link->host->adapter;
#ifdef HUB_SANITIZED
	uint8_t *exact = malloc(len ? len : 1);
	if (!exact)
		return HUB_NOMEM;
	if (len)
		memcpy(exact, bytes, len);
	hub_status st = adapter->input(link->session, exact, len, end, ret_used);
	free(exact);
	return st;
#else
	return adapter->input(link->session, bytes, len, end, ret_used);
#endif
}

/* Shows the adapter [0, len) until it wants more. *ret_used: how many bytes are dealt with. */
static hub_status show(hub_link *link, const uint8_t *bytes, size_t len, bool end, size_t *ret_used)
{
	const hub_adapter *adapter = link->host->adapter;
	size_t done = 0;
	hub_status st = HUB_OK;
	bool ended = false;
	while (st == HUB_OK && !link->hung_up && (done < len || (end && !ended))) {
		size_t n = len - done, used = 0;
		bool whole = n <= adapter->frame_max, too_long = false;
		n = whole ? n : adapter->frame_max;
		st = show_once(link, bytes + done, n, end && whole, &used);
		assert(used <= n);
		done += used;
		if (st != HUB_OK)
			break;
		ended = end && whole;
		too_long = used == 0 && n == adapter->frame_max && !ended;
		if ((ended && used < n) || too_long) {
			st = refuse_rest(link, bytes + done, n - used, too_long);
			done += st == HUB_OK ? n - used : 0;
		} else if (used == 0) {
			break;
		}
	}
	*ret_used = done;
	return st;
}

static bool keep_room(hub_link *link, size_t len)
{
	if (link->cap - link->len >= len)
		return true;
	size_t cap = link->cap ? link->cap : 256;
	while (cap - link->len < len)
		cap *= 2;
	uint8_t *bytes = fail_realloc(link->bytes, cap);
	if (!bytes)
		return false;
	link->bytes = bytes;
	link->cap = cap;
	return true;
}

hub_status session_resume(hub_link *link)
{
	if (link->hung_up)
		return HUB_FAILED;
	if (!link->len && !link->end)
		return HUB_OK;
	static const uint8_t nothing[1];
	size_t used;
	hub_status st = show(link, link->bytes ? link->bytes : nothing, link->len, link->end, &used);
	link->len -= used;
	if (link->len && used)
		memmove(link->bytes, link->bytes + used, link->len);
	if (st == HUB_AGAIN)
		return HUB_AGAIN;
	if (st != HUB_OK || link->hung_up)
		return failed(link, "the adapter failed");
	link->end = false;
	return HUB_OK;
}

hub_status session_input(hub_link *link, const uint8_t *bytes, size_t len, bool end)
{
	if (link->hung_up)
		return HUB_FAILED;
	assert(!link->end); /* the document before it is still waiting for room: session_resume first */
	if (!keep_room(link, len))
		return HUB_NOMEM;
	if (len)
		memcpy(link->bytes + link->len, bytes, len);
	link->len += len;
	link->end = end;
	link->received = host_now(link->host);
	return session_resume(link);
}

void session_stored(hub_link *link, uint64_t mark)
{
	if (link->host->adapter->stored && !link->hung_up)
		link->host->adapter->stored(link->session, mark);
}
