/*
 * A live line: polls by group, many questions open at once on TCP, one on RTU. A unit that is silent is
 * asked alone and rarely, so it takes nothing from its neighbours.
 */
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "modbus.h"

#define WAIT_FOR_ROOM INT64_C(50000)
#define BUSY_WAIT INT64_C(100000)
#define DEAD_FIRST INT64_C(5000000)

enum { EXCEPTION_BUSY = 6, GATEWAY_NO_PATH = 10, GATEWAY_NO_ANSWER = 11, REFUSABLE = 64 };

static const mb_map *map_of(const session *s, const unit *u)
{
	return &s->in->maps[u->device->map];
}

static const mb_plan *plan_of(const session *s, const unit *u, size_t group)
{
	return &s->in->plans[u->device->map][group];
}

hub_status line_open(session *s, const hub_peer *peer)
{
	const instance *in = s->in;
	s->units = fail_calloc(in->device_count + 1, sizeof *s->units);
	if (!s->units)
		return HUB_NOMEM;
	hub_time now = in->api->now(in->host);
	for (size_t i = 0; i < in->device_count; i++) {
		const mb_device *d = &in->devices[i];
		if (*d->line && strcmp(d->line, peer->address) != 0)
			continue;
		unit *u = &s->units[s->unit_count++];
		u->device = d;
		for (size_t g = 0; g < map_of(s, u)->group_count; g++) {
			u->due[g] = now;
			u->cursor[g] = plan_of(s, u, g)->count;
		}
	}
	if (s->unit_count)
		in->api->wake_at(s->link, now);
	return HUB_OK;
}

bool line_free(const session *s, hub_time now)
{
	unsigned open = 0;
	for (size_t i = 0; i < IN_FLIGHT_MAX; i++)
		open += s->asks[i].used;
	return open < (s->tcp ? s->in->in_flight : 1) && (s->tcp || now >= s->quiet_until);
}

static bool put(session *s, ask *a, const uint8_t *pdu, size_t len, hub_time now)
{
	uint8_t out[MB_FRAME_MAX];
	a->transaction = ++s->transaction;
	size_t n = mb_frame_write(out, s->tcp, a->transaction, a->unit->device->unit, pdu, len);
	bool sent = s->in->api->send(s->link, out, n) == HUB_OK;
	a->tries += sent;
	a->deadline = now + (sent ? s->in->timeout : WAIT_FOR_ROOM);
	return sent;
}

bool line_ask(session *s, const ask *what, const uint8_t *pdu, size_t len, hub_time now)
{
	for (size_t i = 0; i < IN_FLIGHT_MAX; i++) {
		ask *a = &s->asks[i];
		if (a->used)
			continue;
		*a = *what;
		a->used = put(s, a, pdu, len, now);
		a->unit->open += a->used;
		return a->used;
	}
	return false;
}

static void read_pdu(const ask *a, uint8_t pdu[5])
{
	pdu[0] = a->function;
	pdu[1] = (uint8_t)(a->address >> 8);
	pdu[2] = (uint8_t)a->address;
	pdu[3] = (uint8_t)(a->count >> 8);
	pdu[4] = (uint8_t)a->count;
}

static bool is_refused(const unit *u, size_t group, size_t read)
{
	return read < REFUSABLE && u->refused[group] >> read & 1;
}

/* Begins a group's round when it is due, and gives its next read. */
static const mb_read *next_read(session *s, unit *u, size_t g, hub_time now)
{
	const mb_plan *p = plan_of(s, u, g);
	if (u->cursor[g] >= p->count && now >= u->due[g]) {
		hub_time period = map_of(s, u)->groups[g].period;
		u->due[g] = u->due[g] + period > now ? u->due[g] + period : now + period;
		u->cursor[g] = 0;
	}
	while (u->cursor[g] < p->count && is_refused(u, g, u->cursor[g]))
		u->cursor[g]++;
	return u->cursor[g] < p->count ? &p->reads[u->cursor[g]] : NULL;
}

/* One poll of the next unit that has one to make. */
static bool poll_one(session *s, hub_time now)
{
	for (size_t k = 0; k < s->unit_count; k++) {
		unit *u = &s->units[(s->unit_next + k) % s->unit_count];
		if (u->dead && u->open)
			continue;
		for (size_t g = 0; g < map_of(s, u)->group_count; g++) {
			const mb_read *r = next_read(s, u, g, now);
			if (!r)
				continue;
			ask a = { .purpose = ASK_POLL,
				  .unit = u,
				  .group = g,
				  .read = u->cursor[g],
				  .function = r->function,
				  .address = r->address,
				  .count = r->count };
			uint8_t pdu[5];
			read_pdu(&a, pdu);
			if (!line_ask(s, &a, pdu, sizeof pdu, now))
				return false;
			u->cursor[g]++;
			s->unit_next = (s->unit_next + k + 1) % s->unit_count;
			return true;
		}
	}
	return false;
}

static void sooner(hub_time *at, hub_time candidate)
{
	if (candidate && (!*at || candidate < *at))
		*at = candidate;
}

static void schedule(session *s, hub_time now)
{
	hub_time at = line_free(s, now) ? job_due(s) : 0;
	for (size_t i = 0; i < IN_FLIGHT_MAX; i++)
		if (s->asks[i].used)
			sooner(&at, s->asks[i].deadline);
	if (!s->tcp && s->quiet_until > now)
		sooner(&at, s->quiet_until);
	if (line_free(s, now))
		for (size_t i = 0; i < s->unit_count; i++) {
			const unit *u = &s->units[i];
			for (size_t g = 0; g < map_of(s, u)->group_count && !(u->dead && u->open); g++)
				sooner(&at, u->cursor[g] < plan_of(s, u, g)->count ? now + WAIT_FOR_ROOM : u->due[g]);
		}
	s->in->api->wake_at(s->link, at && at <= now ? now + 1000 : at);
}

void line_pump(session *s, hub_time now)
{
	for (size_t i = 0; i < JOBS_MAX; i++)
		if (s->jobs[i].used)
			job_pump(s, &s->jobs[i], now);
	while (line_free(s, now) && poll_one(s, now))
		;
	schedule(s, now);
}

/* The round is over for a silent unit; each further one comes later, up to dead_retry. */
static void unit_silent(session *s, unit *u, hub_time now)
{
	const instance *in = s->in;
	int64_t count;
	hub_time wait = DEAD_FIRST << (u->dead < 16 ? u->dead : 16);
	if (!u->dead)
		in->api->log(in->host, 1, "meter '%s': silent", u->device->meter);
	u->dead++;
	in->api->counter(in->host, "no_answer", 1, &count);
	for (size_t g = 0; g < map_of(s, u)->group_count; g++) {
		u->cursor[g] = plan_of(s, u, g)->count;
		u->due[g] = now + (wait < in->dead_retry ? wait : in->dead_retry);
	}
}

static void unit_heard(session *s, unit *u, hub_time now)
{
	const instance *in = s->in;
	if (!u->dead)
		return;
	in->api->log(in->host, 2, "meter '%s': answers again", u->device->meter);
	u->dead = 0;
	for (size_t g = 0; g < map_of(s, u)->group_count; g++)
		u->due[g] = now;
}

/* Takes the question out of flight. */
static ask ask_end(ask *a)
{
	ask was = *a;
	a->used = false;
	was.unit->open--;
	return was;
}

static void ask_failed(session *s, ask *a, const char *reason, hub_time now)
{
	ask was = ask_end(a);
	if (was.job)
		job_answered(s, &was, NULL, reason, now);
	else
		unit_silent(s, was.unit, now);
}

static void ask_late(session *s, ask *a, hub_time now)
{
	bool again = a->purpose != ASK_WRITE && a->tries <= s->in->retries && !a->unit->dead;
	uint8_t pdu[5];
	read_pdu(a, pdu);
	if (again)
		put(s, a, pdu, sizeof pdu, now);
	else
		ask_failed(s, a, "no_answer", now);
}

hub_status line_timer(session *s, hub_time now)
{
	if (s->busy) {
		s->in->api->wake_at(s->link, now + WAIT_FOR_ROOM);
		return HUB_OK;
	}
	for (size_t i = 0; i < IN_FLIGHT_MAX; i++)
		if (s->asks[i].used && s->asks[i].deadline <= now)
			ask_late(s, &s->asks[i], now);
	line_pump(s, now);
	return HUB_OK;
}

static ask *ask_of(session *s, const mb_frame *f)
{
	for (size_t i = 0; i < IN_FLIGHT_MAX; i++) {
		ask *a = &s->asks[i];
		if (a->used && a->unit->device->unit == f->unit && a->function == (f->pdu[0] & 0x7f) &&
		    (!s->tcp || a->transaction == f->transaction))
			return a;
	}
	return NULL;
}

static hub_status refused(session *s, ask *a, uint8_t code, hub_time now)
{
	hub_setting details[] = { { "reason", mb_exception_name(code) } };
	hub_record r = { .type = HUB_RECORD_EVENT };
	hub_status st = HUB_OK;
	if (code == EXCEPTION_BUSY && !a->job && a->tries <= s->in->retries) {
		a->deadline = now + BUSY_WAIT;
		return HUB_OK;
	}
	if (code == GATEWAY_NO_PATH || code == GATEWAY_NO_ANSWER) {
		ask_failed(s, a, "no_answer", now);
		return HUB_OK;
	}
	if (!a->job) {
		r.event = (hub_event) { .meter = a->unit->device->meter,
					.channel = "",
					.code = "request_refused",
					.details = details,
					.detail_count = 1 };
		st = session_emit(s, &r);
	}
	if (st != HUB_OK)
		return st;
	ask was = ask_end(a);
	unit_heard(s, was.unit, now);
	if (was.job)
		job_answered(s, &was, NULL, mb_exception_name(code), now);
	else if (was.read < REFUSABLE && code < 4)
		was.unit->refused[was.group] |= UINT64_C(1) << was.read;
	return HUB_OK;
}

static hub_status frame_take(session *s, const mb_frame *f, hub_time now)
{
	ask *a = ask_of(s, f);
	int64_t count;
	hub_fault fault;
	if (!a) {
		s->in->api->counter(s->in->host, "stray_answers", 1, &count);
		return HUB_OK;
	}
	if (f->pdu[0] & MB_EXCEPTION)
		return f->pdu_len == 2 ? refused(s, a, f->pdu[1], now) : HUB_OK;
	question q = { true, s->tcp, a->transaction, f->unit, a->function, a->address, a->count };
	hub_status st = answer_check(f, &q, &fault);
	if (st != HUB_OK) {
		st = session_refuse(s, &fault, s->raw, s->raw_len);
		if (st == HUB_OK)
			ask_failed(s, a, "bad_answer", now);
		return st;
	}
	if (a->purpose == ASK_POLL || a->purpose == ASK_READ) {
		const mb_read *r = &plan_of(s, a->unit, a->group)->reads[a->read];
		st = session_rows(s, map_of(s, a->unit), a->unit->device->meter, r->first, r->rows, &q, f->pdu + 2);
	}
	if (st != HUB_OK)
		return st;
	ask was = ask_end(a);
	unit_heard(s, was.unit, now);
	if (was.job)
		job_answered(s, &was, f->pdu + 2, "", now);
	return HUB_OK;
}

/* What is no frame: on TCP the stream has lost its step, on RTU the rest of the burst is dropped. */
static hub_status broken(session *s, const hub_fault *fault, const uint8_t *bytes, size_t len, hub_time now)
{
	int64_t count;
	hub_status st = session_refuse(s, fault, bytes, len);
	if (st == HUB_OK && s->tcp)
		s->in->api->hang_up(s->link, fault->message);
	for (size_t i = 0; st == HUB_OK && !s->tcp && i < IN_FLIGHT_MAX; i++)
		if (s->asks[i].used)
			s->asks[i].deadline = now + s->in->silence;
	s->in->api->counter(s->in->host, "broken_frames", st == HUB_OK, &count);
	return st;
}

hub_status line_input(session *s, const uint8_t *bytes, size_t len, size_t *ret_used)
{
	hub_time now = s->in->api->now(s->in->host);
	hub_status st = HUB_OK;
	size_t at = 0;
	while (at < len && st == HUB_OK) {
		mb_frame f;
		hub_fault fault;
		size_t used;
		mb_scan found = s->tcp ? mb_tcp_scan(bytes + at, len - at, &f, &used, &fault)
				       : mb_rtu_scan(bytes + at, len - at, true, &f, &used, &fault);
		if (found == MB_MORE)
			break;
		s->index = 0;
		s->raw = bytes + at;
		s->raw_len = used;
		st = found == MB_FRAME ? frame_take(s, &f, now) : broken(s, &fault, bytes + at, used, now);
		s->busy = st == HUB_AGAIN;
		if (st != HUB_OK)
			break;
		s->taken = 0;
		s->quiet_until = now + s->in->silence;
		at += used;
	}
	s->raw = NULL;
	s->raw_len = 0;
	*ret_used = at;
	if (st == HUB_OK)
		line_pump(s, now);
	return st;
}
