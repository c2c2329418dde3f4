/*
 * The polling side: one question at a time on a line; commands go before the round. A valve's order is
 * written once; whether it moved is read back until it has, or the command's time is over.
 */
#include "cjt188.h"

#include <stdio.h>
#include <string.h>

enum { WAIT_FOR_ROOM = 50 * 1000, LOOK_AGAIN = 2000 * 1000, READ = 0x01, WRITE = 0x04, OPEN = 0x55, CLOSE = 0x99 };

static bool meter_after(const session *s, const char *after, char ret[CJT_ADDRESS_TEXT])
{
	const instance *in = s->in;
	uint8_t address[CJT_ADDRESS];
	if (*in->meters) {
		const char *p = in->meters;
		for (bool take = !*after; *p; p += CJT_ADDRESS_TEXT) {
			if (take) {
				memcpy(ret, p, CJT_ADDRESS_TEXT);
				return true;
			}
			take = !strcmp(p, after);
		}
		return false;
	}
	const char *key, *value;
	char at[65];
	snprintf(at, sizeof at, "%s", after);
	while (in->api->next(in->host, "meters", at, &key, &value) == HUB_OK) {
		if (strlen(key) == 2 * CJT_ADDRESS && cjt_address_parse(key, 2 * CJT_ADDRESS, address)) {
			memcpy(ret, key, CJT_ADDRESS_TEXT);
			return true;
		}
		snprintf(at, sizeof at, "%s", key);
	}
	return false;
}

static void wake(const session *s, hub_time when)
{
	s->in->api->wake_at(s->link, when);
}

static size_t question(session *s, uint8_t data[4], uint8_t *control)
{
	master *m = &s->master;
	const job *j = m->is_job ? &m->jobs[0] : NULL;
	bool moves = j && j->want != CJT_VALVE_UNKNOWN && !j->written;
	uint16_t id = moves ? CJT_VALVE : CJT_CURRENT;
	data[s->in->low_first] = (uint8_t)(id >> 8);
	data[!s->in->low_first] = (uint8_t)id;
	data[2] = ++m->sequence;
	data[3] = j && j->want == CJT_VALVE_OPEN ? OPEN : CLOSE;
	*control = moves ? WRITE : READ;
	return moves ? 4 : 3;
}

/* Told before it goes out: whoever goes on after our death must know that it may have. */
static bool told(session *s, job *j)
{
	hub_record r = { .type = HUB_RECORD_RESULT };
	r.result = (hub_result){ j->command, "sent", "", 0, NULL, 0 };
	if (!j->told)
		j->told = s->in->api->emit(s->link, &r) == HUB_OK;
	return j->told;
}

static void ask(session *s, hub_time now)
{
	master *m = &s->master;
	uint8_t address[CJT_ADDRESS], data[4], control, out[16 + CJT_HEAD + 4 + 2];
	cjt_address_parse(m->asked_meter, 2 * CJT_ADDRESS, address);
	size_t n = question(s, data, &control);
	size_t len = cjt_frame_write(out, s->in->preamble, s->in->type, address, control, data, n);
	bool sent = (control != WRITE || told(s, &m->jobs[0])) && s->in->api->send(s->link, out, len) == HUB_OK;
	/* Not a second time, whatever comes of the first. */
	if (sent && control == WRITE)
		m->jobs[0].written = true;
	m->deadline = now + (sent ? s->in->timeout : WAIT_FOR_ROOM);
	m->tries += sent;
	wake(s, m->deadline);
}

static bool is_over(const job *j, hub_time now)
{
	return j->expires && now >= j->expires;
}

static void advance(session *s, hub_time now)
{
	master *m = &s->master;
	m->tries = 0;
	if (m->polls && !m->in_round && now >= m->round_at) {
		m->in_round = true;
		m->meter[0] = '\0';
		m->round_at = now + s->in->interval;
	}
	m->is_job = m->job_count > 0;
	if (m->is_job)
		memcpy(m->asked_meter, m->jobs[0].meter, sizeof m->asked_meter);
	else if (m->in_round && (m->in_round = meter_after(s, m->meter, m->meter)))
		memcpy(m->asked_meter, m->meter, sizeof m->meter);
	m->waiting = m->is_job || m->in_round;
	if (m->is_job && is_over(&m->jobs[0], now))
		wake(s, m->deadline = now);
	else if (m->waiting)
		ask(s, now);
	else
		wake(s, m->polls ? m->round_at : 0);
}

void master_start(session *s)
{
	s->master.polls = s->in->interval > 0;
	if (s->master.polls) {
		s->master.round_at = s->in->api->now(s->in->host);
		wake(s, s->master.round_at);
	}
}

static void job_done(master *m)
{
	m->job_count--;
	memmove(m->jobs, m->jobs + 1, m->job_count * sizeof *m->jobs);
}

static hub_status tell(session *s, const char *command, const char *state, const char *reason)
{
	hub_record r = { .type = HUB_RECORD_RESULT };
	r.result = (hub_result){ command, state, reason, 0, NULL, 0 };
	return session_emit(s, &r);
}

static hub_status give_up(session *s, hub_time now)
{
	master *m = &s->master;
	int64_t count;
	if (m->is_job) {
		const job *j = &m->jobs[0];
		s->index = s->taken = 0;
		hub_status st = j->told ? tell(s, j->command, "sent", "valve_not_seen_to_move")
					: tell(s, j->command, "refused", "no_answer");
		s->taken = 0;
		if (st != HUB_OK) {
			wake(s, now + WAIT_FOR_ROOM);
			return st;
		}
		job_done(m);
	}
	s->in->api->counter(s->in->host, "no_answer", 1, &count);
	s->in->api->log(s->in->host, 1, "meter '%s': no answer after %u tries", m->asked_meter, m->tries);
	advance(s, now);
	return HUB_OK;
}

hub_status master_timer(session *s, hub_time now)
{
	master *m = &s->master;
	if (!m->waiting) {
		advance(s, now);
		return HUB_OK;
	}
	if (now < m->deadline) {
		wake(s, m->deadline);
		return HUB_OK;
	}
	const job *j = m->is_job ? &m->jobs[0] : NULL;
	/* A valve takes its time: it is looked at until the command expires. */
	bool patient = j && j->expires && j->written;
	if ((j && is_over(j, now)) || (!patient && m->tries > s->in->retries))
		return give_up(s, now);
	ask(s, now);
	return HUB_OK;
}

static const job *job_of(const session *s, const cjt_frame *f)
{
	const master *m = &s->master;
	return m->waiting && m->is_job && !strcmp(f->meter, m->asked_meter) ? &m->jobs[0] : NULL;
}

/* The answer ends the job: an error, or what was wanted is there. */
static bool ends(const job *j, const cjt_frame *f, bool good)
{
	if (!good)
		return true;
	if (j->want == CJT_VALVE_UNKNOWN)
		return cjt_identifier(f->data) == CJT_CURRENT;
	return j->written && cjt_data_valve(f) == j->want;
}

hub_status master_result(session *s, const cjt_frame *f, bool good, const char *reason)
{
	const job *j = job_of(s, f);
	if (!j || !ends(j, f, good))
		return HUB_OK;
	return tell(s, j->command, good ? "confirmed" : "refused", reason);
}

void master_answered(session *s, const cjt_frame *f, bool good)
{
	master *m = &s->master;
	if (!m->waiting || !(f->control & 0x80) || strcmp(f->meter, m->asked_meter) != 0)
		return;
	const job *j = job_of(s, f);
	hub_time now = s->in->api->now(s->in->host);
	if (j && !ends(j, f, good)) {
		/* The order was heard; look again until the valve stands there. */
		m->deadline = now + (cjt_identifier(f->data) == CJT_VALVE ? 0 : LOOK_AGAIN);
		m->tries = 0;
		wake(s, m->deadline);
		return;
	}
	if (j)
		job_done(m);
	advance(s, now);
}

static bool knows(const session *s, const char *meter)
{
	const char *value;
	char one[CJT_ADDRESS_TEXT] = "";
	if (!*s->in->meters)
		return s->in->api->lookup(s->in->host, "meters", meter, &value) == HUB_OK;
	while (meter_after(s, one, one))
		if (!strcmp(one, meter))
			return true;
	return false;
}

static hub_status refuse_command(session *s, const hub_command *command, const char *reason)
{
	hub_record r = { .type = HUB_RECORD_RESULT };
	r.result = (hub_result){ command->id, "refused", reason, 0, NULL, 0 };
	return s->in->api->emit(s->link, &r);
}

static const char *argument(const hub_command *command, const char *key)
{
	for (size_t i = 0; i < command->argument_count; i++)
		if (!strcmp(command->arguments[i].key, key))
			return command->arguments[i].value;
	return "";
}

/* NULL, or why the command cannot be done. */
static const char *job_make(const hub_command *command, job *ret)
{
	const char *state = argument(command, "state");
	*ret = (job){ .want = CJT_VALVE_UNKNOWN, .told = command->repeated, .written = command->repeated, .expires = command->expires };
	if (!strcmp(command->kind, "switch")) {
		if (strcmp(state, "on") && strcmp(state, "off"))
			return "state: on opens the valve, off closes it";
		ret->want = !strcmp(state, "on") ? CJT_VALVE_OPEN : CJT_VALVE_CLOSED;
	} else if (strcmp(command->kind, "read")) {
		return "cjt188: this adapter reads and switches valves; it knows no such command";
	}
	strcpy(ret->command, command->id);
	memcpy(ret->meter, command->meter, sizeof ret->meter);
	return NULL;
}

hub_status master_command(session *s, const hub_command *command)
{
	master *m = &s->master;
	uint8_t address[CJT_ADDRESS];
	job j;
	if (strlen(command->meter) != 2 * CJT_ADDRESS || !cjt_address_parse(command->meter, 2 * CJT_ADDRESS, address) ||
	    !knows(s, command->meter))
		return HUB_MISSING;
	if (strlen(command->id) >= sizeof j.command)
		return HUB_REJECT;
	const char *wrong = job_make(command, &j);
	if (wrong)
		return refuse_command(s, command, wrong);
	for (size_t i = 0; i < m->job_count; i++)
		if (!strcmp(m->jobs[i].command, j.command))
			return HUB_OK;
	if (m->job_count == JOBS_MAX)
		return HUB_AGAIN;
	m->jobs[m->job_count++] = j;
	if (!m->waiting)
		advance(s, s->in->api->now(s->in->host));
	return HUB_OK;
}
