/*
 * The polling side: one question at a time on a line, jobs of commands before the round. A meter
 * that answered in one version is not asked in the other; one that stays silent is left for the round.
 */
#include <stdio.h>
#include <string.h>

#include "dlt645.h"

enum { WAIT_FOR_ROOM = 50 * 1000, CHECK_LATER = 300 * 1000, READ_2007 = 0x11, FOLLOW_2007 = 0x12, READ_1997 = 0x01, FOLLOW_1997 = 0x02 };

static int version_of(identifier what)
{
	return what.width == 4;
}

static bool meter_after(const session *s, const char *after, char ret[DLT_ADDRESS_TEXT])
{
	const instance *in = s->in;
	uint8_t address[6];
	if (*in->meters) {
		const char *p = in->meters;
		for (bool take = !*after; *p; p += DLT_ADDRESS_TEXT) {
			if (take) {
				memcpy(ret, p, DLT_ADDRESS_TEXT);
				return true;
			}
			take = !strcmp(p, after);
		}
		return false;
	}
	const char *key, *value;
	char at[64];
	snprintf(at, sizeof at, "%s", after);
	while (in->api->next(in->host, "meters", at, &key, &value) == HUB_OK) {
		if (strlen(key) == 12 && dlt_address_parse(key, address)) {
			memcpy(ret, key, DLT_ADDRESS_TEXT);
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

/* The identifiers as data, low byte first. */
static size_t question(const session *s, uint8_t data[8])
{
	const master *m = &s->master;
	size_t n = 0;
	for (; n < m->asked.width; n++)
		data[n] = (uint8_t)(m->asked.number >> (8 * n));
	if (m->follow && m->asked.width == 4)
		data[n++] = m->follow;
	return n;
}

static void ask(session *s, hub_time now)
{
	master *m = &s->master;
	if (m->is_job && m->jobs[0].step == STEP_WRITE) {
		bool written = job_send(s, &m->jobs[0], now);
		m->deadline = now + (written ? s->in->timeout : WAIT_FOR_ROOM);
		m->tries += written;
		wake(s, m->deadline);
		return;
	}
	uint8_t address[6], data[8], out[16 + 12 + 8];
	static const uint8_t control[2][2] = { { READ_1997, FOLLOW_1997 }, { READ_2007, FOLLOW_2007 } };
	dlt_address_parse(m->asked_meter, address);
	size_t len = dlt_frame_write(out, s->in->preamble, address, control[version_of(m->asked)][m->follow > 0], data,
				     question(s, data));
	bool sent = s->in->api->send(s->link, out, len) == HUB_OK;
	m->deadline = now + (sent ? s->in->timeout : WAIT_FOR_ROOM);
	m->tries += sent;
	wake(s, m->deadline);
}

/* The next identifier worth asking the meter at hand, or the next meter's first. */
static bool poll_next(session *s)
{
	master *m = &s->master;
	while (m->in_round) {
		for (; m->item < s->in->list_count; m->item++) {
			int v = version_of(s->in->list[m->item]);
			if (*m->meter && !m->silent[v] && !m->answered[!v]) {
				m->asked = s->in->list[m->item++];
				memcpy(m->asked_meter, m->meter, sizeof m->meter);
				return true;
			}
		}
		m->item = 0;
		memset(m->answered, 0, sizeof m->answered);
		memset(m->silent, 0, sizeof m->silent);
		m->in_round = meter_after(s, m->meter, m->meter) && s->in->list_count;
	}
	return false;
}

static void job_done(master *m)
{
	m->job_count--;
	memmove(m->jobs, m->jobs + 1, m->job_count * sizeof *m->jobs);
}

static hub_status emit_direct(session *s, const char *id, const char *state, const char *reason)
{
	hub_record r = { .type = HUB_RECORD_RESULT };
	r.result = (hub_result){ id, state, reason, 0, NULL, 0 };
	return s->in->api->emit(s->link, &r);
}

/* A job that waited too long is not begun. */
static void drop_expired(session *s, hub_time now)
{
	master *m = &s->master;
	for (const job *j = m->jobs; m->job_count && j->expires && now >= j->expires && !j->told;) {
		if (emit_direct(s, j->command, "refused", "expired") != HUB_OK)
			return;
		job_done(m);
	}
}

static void advance(session *s, hub_time now)
{
	master *m = &s->master;
	m->waiting = false;
	m->tries = 0;
	m->follow = 0;
	if (m->polls && !m->in_round && now >= m->round_at) {
		m->in_round = true;
		m->item = s->in->list_count;
		m->meter[0] = '\0';
		m->round_at = now + s->in->interval;
	}
	drop_expired(s, now);
	m->is_job = m->job_count > 0;
	if (m->is_job) {
		m->asked = m->jobs[0].what;
		memcpy(m->asked_meter, m->jobs[0].meter, sizeof m->asked_meter);
	}
	m->waiting = m->is_job || poll_next(s);
	if (m->waiting)
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

hub_status master_result(session *s, const job *j, const char *state, const char *reason)
{
	char what[9];
	snprintf(what, sizeof what, "%0*X", j->what.width * 2, (unsigned)j->what.number);
	hub_setting detail = { "identifier", what };
	hub_record r = { .type = HUB_RECORD_RESULT };
	r.result = (hub_result){ j->command, state, reason, 0, &detail, j->what.width != 0 };
	return session_emit(s, &r);
}

/* Follows a job's step: its next question now or in a while, or the end. */
static void job_go(session *s, job_next next, hub_time now)
{
	master *m = &s->master;
	if (next == JOB_NEXT_END) {
		job_done(m);
		advance(s, now);
		return;
	}
	m->tries = 0;
	m->follow = 0;
	m->asked = m->jobs[0].what;
	if (next == JOB_NEXT_ASK) {
		ask(s, now);
	} else {
		m->deadline = now + CHECK_LATER;
		wake(s, m->deadline);
	}
}

static hub_status silence(session *s, hub_time now)
{
	master *m = &s->master;
	int64_t count;
	if (m->is_job && job_silent(&m->jobs[0]) == JOB_NEXT_ASK) {
		job_go(s, JOB_NEXT_ASK, now);
		return HUB_OK;
	}
	if (m->is_job) {
		s->index = s->taken = 0;
		hub_status st = master_result(s, &m->jobs[0], job_silence_state(&m->jobs[0]), "no_answer");
		s->taken = 0;
		if (st != HUB_OK) {
			wake(s, now + WAIT_FOR_ROOM);
			return st;
		}
		job_done(m);
	} else {
		m->silent[version_of(m->asked)] = true;
	}
	s->in->api->counter(s->in->host, "no_answer", 1, &count);
	s->in->api->log(s->in->host, 1, "meter '%s': no answer to %0*X after %u tries", m->asked_meter,
			m->asked.width * 2, (unsigned)m->asked.number, m->tries);
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
	bool expired = j && j->expires && now >= j->expires;
	/* A write that went out is not repeated. */
	bool once = j && j->step == STEP_WRITE && m->tries > 0;
	if (m->tries > s->in->retries || expired || once)
		return silence(s, now);
	ask(s, now);
	return HUB_OK;
}

const job *master_job(const session *s, const dlt_frame *f)
{
	const master *m = &s->master;
	return m->waiting && m->is_job && !strcmp(f->meter, m->asked_meter) ? &m->jobs[0] : NULL;
}

void master_answered(session *s, const dlt_frame *f, answer a)
{
	master *m = &s->master;
	if (!m->waiting || a == ANSWER_NONE || strcmp(f->meter, m->asked_meter) != 0)
		return;
	hub_time now = s->in->api->now(s->in->host);
	if (a == ANSWER_MORE) {
		m->follow++;
		m->tries = 0;
		ask(s, now);
		return;
	}
	if (m->is_job) {
		job_go(s, job_answered(s, &m->jobs[0], a), now);
		return;
	}
	m->answered[version_of(m->asked)] = true;
	advance(s, now);
}

static bool knows(const session *s, const char *meter)
{
	const char *value;
	char one[DLT_ADDRESS_TEXT] = "";
	if (*s->in->meters) {
		while (meter_after(s, one, one))
			if (!strcmp(one, meter))
				return true;
		return false;
	}
	return s->in->api->lookup(s->in->host, "meters", meter, &value) == HUB_OK;
}

static hub_status refuse_command(session *s, const hub_command *command, const char *reason)
{
	return emit_direct(s, command->id, "refused", reason);
}

hub_status master_command(session *s, const hub_command *command)
{
	master *m = &s->master;
	uint8_t address[6];
	if (strlen(command->meter) != 12 || !dlt_address_parse(command->meter, address) || !knows(s, command->meter))
		return HUB_MISSING;
	if (m->job_count == JOBS_MAX)
		return HUB_AGAIN;
	job j = { .what = { 0x00010000, 4 }, .expires = command->expires };
	const char *why = job_make(s, command, &j);
	if (why)
		return refuse_command(s, command, why);
	if (strlen(command->id) >= sizeof j.command)
		return HUB_REJECT;
	strcpy(j.command, command->id);
	memcpy(j.meter, command->meter, sizeof j.meter);
	for (size_t i = 0; i < m->job_count; i++)
		if (!strcmp(m->jobs[i].command, j.command))
			return HUB_OK;
	if (command->repeated && j.step == STEP_CHECK && j.order.check == CHECK_NONE)
		return emit_direct(s, command->id, "sent", "no_answer");
	m->jobs[m->job_count++] = j;
	if (!m->waiting)
		advance(s, s->in->api->now(s->in->host));
	return HUB_OK;
}
