#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "charger_parts.h"

/* µs for a close frame to be answered, or for an answer to be taken */
static const int64_t ENDING = 5000000;

static station **bucket(charger_port *p, const char *name)
{
	uint32_t h = 2166136261u;
	for (; *name; name++)
		h = (h ^ (uint8_t)*name) * 16777619u;
	return &p->names[h % NAMES];
}

static station *named(charger_port *p, const char *name)
{
	station *st = *bucket(p, name);
	while (st && strcmp(st->name, name))
		st = st->named;
	return st;
}

void station_dirty(station *st)
{
	if (st->is_dirty)
		return;
	st->is_dirty = true;
	st->dirty = st->port->dirty;
	st->port->dirty = st;
}

/* Its seat is free again: what comes for it is dropped. */
static void leave(station *st)
{
	station **at = bucket(st->port, st->name);
	while (*at && *at != st)
		at = &(*at)->named;
	if (*at)
		*at = st->named;
	st->port->seats[st->session % HANDOFF_PLACES] = NULL;
}

void station_end(station *st, uint16_t code, const char *reason)
{
	if (st->state == STATION_ENDING)
		return;
	if (st->state == STATION_OPEN) {
		leave(st);
		handover_put(st->to, HANDOFF_CLOSE, st->session, reason, strlen(reason));
	}
	if (st->asked)
		forward_drop(st->asked);
	st->asked = NULL;
	bool says = code && st->state == STATION_OPEN;
	st->state = STATION_ENDING;
	st->deadline = clock_monotonic() + ENDING;
	if (says)
		wsframe_close(&st->s.out, code, reason);
	stream_finish(&st->s);
}

void station_refuse(station *st, int status, const hub_fault *fault)
{
	if (st->state == STATION_ENDING)
		return;
	upgrade_refuse(status, fault, &st->s.out);
	log_info("station '%s' refused with %d: %s", st->u ? st->u->station : "", status, fault->message);
	station_end(st, 0, "refused");
}

static bool seat_take(station *st)
{
	charger_port *p = st->port;
	for (size_t tries = 0; tries < HANDOFF_PLACES; tries++) {
		uint32_t at = p->seat_next++ % HANDOFF_PLACES;
		if (p->seats[at])
			continue;
		p->seats[at] = st;
		st->session = (uint64_t)++p->generation * HANDOFF_PLACES + at;
		return true;
	}
	return false;
}

static void frames(station *st);

static void open_session(station *st)
{
	static const hub_fault full = { "charger.full", "", "every place for a station is taken" };
	/* A station that speaks another version: the handshake is completed, and the connection closed
	 * (OCPP-J 1.6, 3.3). */
	if (!st->u->agreed) {
		upgrade_accept(st->u, &st->s.out);
		wsframe_close(&st->s.out, WS_PROTOCOL, "the subprotocol is " UPGRADE_PROTOCOL);
		station_end(st, 0, "no subprotocol");
		return;
	}
	station *before = named(st->port, st->u->station);
	if (before)
		station_end(before, WS_POLICY, "the station connected anew");
	if (!seat_take(st)) {
		station_refuse(st, 503, &full);
		return;
	}
	strcpy(st->name, st->u->station);
	station **at = bucket(st->port, st->name);
	st->named = *at;
	*at = st;
	upgrade_accept(st->u, &st->s.out);
	free(st->u);
	st->u = NULL;
	st->state = STATION_OPEN;
	st->heard = st->pinged = clock_monotonic();
	st->port->opened++;
	station_dirty(st);
	if (!handover_put(st->to, HANDOFF_OPEN, st->session, st->name, strlen(st->name)))
		station_end(st, WS_AGAIN_LATER, "busy");
	else
		frames(st);
}

static void no_adapter(station *st)
{
	static const hub_fault fault = { "charger.adapter_away", "",
					 "the station's adapter cannot be reached; try again later" };
	station_refuse(st, 503, &fault);
}

void station_admitted(station *st, const char *instance)
{
	st->to = handover_of(st->port->handovers, instance);
	if (st->to && handover_there(st->to)) {
		open_session(st);
	} else if (st->to && handover_coming(st->to)) {
		st->state = STATION_WAITING;
		st->deadline = clock_monotonic() + ENDING;
	} else {
		no_adapter(st);
	}
}

void sessions_changed(void *user, const handover *h, bool there)
{
	charger_port *p = user;
	for (station *st = p->all, *next; st; st = next) {
		next = st->next;
		if (st->to != h)
			continue;
		if (st->state == STATION_WAITING && there)
			open_session(st);
		else if (st->state == STATION_WAITING)
			no_adapter(st);
		else if (st->state == STATION_OPEN && !there)
			station_end(st, 1012, "the adapter begins anew");
	}
}

void sessions_heard(void *user, const handoff *frame)
{
	charger_port *p = user;
	station *st = p->seats[frame->session % HANDOFF_PLACES];
	if (!st || st->session != frame->session)
		return;
	if (frame->type == HANDOFF_BYTES) {
		wsframe_text(&st->s.out, frame->body, frame->len);
		station_dirty(st);
	} else if (frame->type == HANDOFF_CLOSE) {
		char reason[124];
		size_t n = frame->len < sizeof reason ? frame->len : sizeof reason - 1;
		memcpy(reason, frame->body, n);
		reason[n] = 0;
		station_end(st, WS_AWAY, reason);
	}
}

static bool too_fast(station *st)
{
	int64_t second = st->heard / 1000000;
	if (second != st->second) {
		st->second = second;
		st->messages = 0;
	}
	return ++st->messages > st->port->settings.messages;
}

static void take(station *st, ws_event e, const uint8_t *bytes, size_t len, uint16_t code)
{
	switch (e) {
	case WS_MESSAGE:
		if (too_fast(st))
			station_end(st, WS_POLICY, "too many messages a second");
		else if (!handover_put(st->to, HANDOFF_BYTES, st->session, bytes, len))
			station_end(st, WS_AGAIN_LATER, "busy");
		break;
	case WS_PING:
		wsframe_pong(&st->s.out, bytes, len);
		station_dirty(st);
		break;
	case WS_CLOSE:
		station_end(st, code == WS_NO_CODE ? WS_NORMAL : code, "");
		break;
	case WS_BROKEN:
		station_end(st, code, "RFC 6455");
		break;
	default:
		break;
	}
}

static void frames(station *st)
{
	size_t at = 0;
	ws_event e = WS_PONG;
	while (st->state == STATION_OPEN && e != WS_MORE) {
		const uint8_t *bytes = NULL;
		size_t len = 0;
		uint16_t code = 0;
		e = wsframe_next(&st->ws, st->in.bytes, st->in.len, &at, &bytes, &len, &code);
		take(st, e, bytes, len, code);
	}
	buf_drop(&st->in, at);
	if (!st->in.len)
		buf_fini(&st->in);
	if (!st->ws.message.len)
		buf_fini(&st->ws.message);
}

static void head(station *st)
{
	static const hub_fault fast = { "gateway.rate", "", "too many connections from this address; slow down" };
	hub_fault fault = { 0 };
	size_t used = 0;
	int status = 400;
	if (!st->u && !(st->u = calloc(1, sizeof *st->u))) {
		station_end(st, 0, "no memory");
		return;
	}
	hub_status got = upgrade_read((const char *)st->in.bytes, st->in.len, st->u, &used, &status, &fault);
	if (got == HUB_AGAIN)
		return;
	if (got != HUB_OK) {
		station_refuse(st, status, &fault);
		return;
	}
	buf_drop(&st->in, used);
	if (!limit_request(st->port->limit, st->address, clock_monotonic()))
		station_refuse(st, 429, &fast);
	else
		station_admit(st);
}

void station_heard(station *st, const uint8_t *bytes, size_t len)
{
	if (!len) {
		station_end(st, 0, "the station has gone");
		stream_close(&st->s);
		return;
	}
	if (st->state == STATION_ENDING)
		return;
	st->heard = clock_monotonic();
	buf_put(&st->in, bytes, len);
	/* Before it is open nobody waits for more than a head. */
	bool early = st->state != STATION_OPEN && st->in.len > 2 * UPGRADE_HEAD_MAX;
	if (st->in.bad || early)
		station_end(st, 0, "too much before the answer");
	else if (st->state == STATION_HEAD)
		head(st);
	else if (st->state == STATION_OPEN)
		frames(st);
}

void sessions_tick(charger_port *p, int64_t now)
{
	int64_t ping = p->settings.ping;
	for (station *st = p->all, *next; st; st = next) {
		next = st->next;
		if (st->state == STATION_OPEN && now - st->heard > 2 * ping) {
			station_end(st, WS_POLICY, "no answer to a ping");
		} else if (st->state == STATION_OPEN && now - st->heard >= ping && now - st->pinged >= ping) {
			st->pinged = now;
			wsframe_ping(&st->s.out);
			station_dirty(st);
		} else if (st->state != STATION_OPEN && st->state != STATION_ASKED && now > st->deadline) {
			if (st->state == STATION_ENDING)
				stream_close(&st->s);
			else
				station_end(st, 0, "too slow");
		}
	}
}
