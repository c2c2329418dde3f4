/*
 * Commands. A write is told as sent, sent once, and its effect is read back; without an answer it is not
 * written again but looked at. A command that comes again after a crash begins with the look.
 */
#include <stdio.h>
#include <string.h>

#include "modbus.h"

#define CHECK_AGAIN INT64_C(300000)
#define WAIT_FOR_ROOM INT64_C(50000)

enum { CHECKS = 3 };

static hub_status emit_result(session *s, const char *command, const char *state, const char *reason, const char *seen)
{
	hub_setting detail = { "value", seen };
	hub_record r = { .type = HUB_RECORD_RESULT };
	r.result = (hub_result) { command, state, reason, 0, &detail, *seen ? 1 : 0 };
	return s->in->api->emit(s->link, &r);
}

static void finish(job *j, const char *outcome, const char *reason)
{
	j->state = JOB_TELL;
	j->outcome = outcome;
	j->reason = reason;
}

static const char *argument(const hub_command *command, const char *key)
{
	for (size_t i = 0; i < command->argument_count; i++)
		if (!strcmp(command->arguments[i].key, key))
			return command->arguments[i].value;
	return NULL;
}

static const mb_control *control_find(const mb_map *m, const hub_command *command)
{
	for (size_t i = 0; i < m->control_count; i++)
		if (!strcmp(m->controls[i].kind, command->kind) && !strcmp(m->controls[i].channel, command->channel))
			return &m->controls[i];
	return NULL;
}

/* NULL, or why not. */
static const char *prepare_switch(job *j, const hub_command *command)
{
	const mb_control *c = j->control;
	const char *state = argument(command, "state");
	bool on = state && !strcmp(state, "on");
	if (!state || (!on && strcmp(state, "off") != 0))
		return "state: on or off";
	int64_t raw = on ? c->on : c->off;
	if (c->function == MB_WRITE_COIL)
		raw = raw ? 0xff00 : 0;
	j->raw[0] = (uint8_t)(c->function == MB_WRITE_COILS ? raw != 0 : raw >> 8);
	j->raw[1] = (uint8_t)raw;
	j->want = (uint64_t)(on ? c->check_on : c->check_off);
	return NULL;
}

static const char *prepare_set_point(job *j, const hub_command *command)
{
	const mb_control *c = j->control;
	const char *text = argument(command, "value");
	uint8_t back[8];
	decimal v;
	if (!text || decimal_parse(text, strlen(text), &v) != HUB_OK)
		return "value: a decimal number";
	if ((c->has_min && decimal_cmp(v, c->min) < 0) || (c->has_max && decimal_cmp(v, c->max) > 0))
		return "value: outside the limits of the map";
	if (mb_value_write(&c->layout, v, j->raw) != HUB_OK)
		return "value: the register cannot hold it exactly";
	if (c->check_function && mb_value_write(&c->check_layout, v, back) != HUB_OK)
		return "value: the register read back cannot hold it exactly";
	if (c->check_function)
		j->want = mb_raw(&c->check_layout, back);
	return NULL;
}

static const char *prepare(session *s, job *j, const hub_command *command)
{
	if (!strcmp(command->kind, "read"))
		return NULL;
	j->control = control_find(&s->in->maps[j->unit->device->map], command);
	if (!j->control)
		return "not_supported";
	j->state = command->repeated ? JOB_CHECK : JOB_WRITE;
	j->told = command->repeated;
	return !strcmp(command->kind, "switch") ? prepare_switch(j, command) : prepare_set_point(j, command);
}

hub_status job_command(session *s, const hub_command *command)
{
	unit *u = NULL;
	job *place = NULL;
	for (size_t i = 0; i < s->unit_count && !u; i++)
		if (!strcmp(s->units[i].device->meter, command->meter))
			u = &s->units[i];
	if (!u)
		return HUB_MISSING;
	for (size_t i = 0; i < JOBS_MAX; i++) {
		if (s->jobs[i].used && !strcmp(s->jobs[i].command, command->id))
			return HUB_OK;
		place = !s->jobs[i].used && !place ? &s->jobs[i] : place;
	}
	if (!place)
		return HUB_AGAIN;
	if (strlen(command->id) >= COMMAND_TEXT)
		return HUB_REJECT;
	*place = (job) { .used = true, .unit = u, .expires = command->expires, .reason = "" };
	strcpy(place->command, command->id);
	const char *why = prepare(s, place, command);
	if (why)
		finish(place, "refused", why);
	else if (place->state == JOB_CHECK && !place->control->check_function)
		finish(place, "sent", "no_answer");
	line_pump(s, s->in->api->now(s->in->host));
	return HUB_OK;
}

static void read_next(session *s, job *j, hub_time now)
{
	const mb_map *m = &s->in->maps[j->unit->device->map];
	const mb_plan *plans = s->in->plans[j->unit->device->map];
	while (j->group < m->group_count && j->read >= plans[j->group].count) {
		j->group++;
		j->read = 0;
	}
	if (j->group == m->group_count) {
		finish(j, "confirmed", "");
		return;
	}
	const mb_read *r = &plans[j->group].reads[j->read];
	ask a = { .purpose = ASK_READ,
		  .unit = j->unit,
		  .job = j,
		  .group = j->group,
		  .read = j->read,
		  .function = r->function,
		  .address = r->address,
		  .count = r->count };
	const uint8_t pdu[] = { r->function, (uint8_t)(r->address >> 8), (uint8_t)r->address, (uint8_t)(r->count >> 8),
				(uint8_t)r->count };
	if (line_ask(s, &a, pdu, sizeof pdu, now))
		j->state = JOB_WAIT;
}

static size_t write_pdu(const job *j, uint8_t pdu[16])
{
	const mb_control *c = j->control;
	size_t n = 0;
	bool coils = c->function == MB_WRITE_COILS;
	pdu[n++] = c->function;
	pdu[n++] = (uint8_t)(c->address >> 8);
	pdu[n++] = (uint8_t)c->address;
	if (c->function >= MB_WRITE_COILS) {
		pdu[n++] = 0;
		pdu[n++] = (uint8_t)c->words;
		pdu[n++] = (uint8_t)(coils ? 1 : c->words * 2);
	}
	size_t len = coils ? 1 : c->words * 2u;
	memcpy(pdu + n, j->raw, len);
	return n + len;
}

static void write_once(session *s, job *j, hub_time now)
{
	const mb_control *c = j->control;
	if (!j->told && emit_result(s, j->command, "sent", "", "") != HUB_OK) {
		j->ready = now + WAIT_FOR_ROOM;
		return;
	}
	j->told = true;
	ask a = { .purpose = ASK_WRITE,
		  .unit = j->unit,
		  .job = j,
		  .function = c->function,
		  .address = c->address,
		  .count = c->words };
	uint8_t pdu[16];
	size_t len = write_pdu(j, pdu);
	if (line_ask(s, &a, pdu, len, now))
		j->state = JOB_WAIT;
}

static void check_now(session *s, job *j, hub_time now)
{
	const mb_control *c = j->control;
	ask a = { .purpose = ASK_CHECK,
		  .unit = j->unit,
		  .job = j,
		  .function = c->check_function,
		  .address = c->check_address,
		  .count = c->check_words };
	const uint8_t pdu[] = { a.function, (uint8_t)(a.address >> 8), (uint8_t)a.address, 0, (uint8_t)a.count };
	if (line_ask(s, &a, pdu, sizeof pdu, now))
		j->state = JOB_WAIT;
}

void job_pump(session *s, job *j, hub_time now)
{
	bool sends = j->state == JOB_READ || j->state == JOB_WRITE;
	if (sends && j->expires && now >= j->expires)
		finish(j, "refused", "expired");
	if (j->state == JOB_TELL) {
		j->used = emit_result(s, j->command, j->outcome, j->reason, j->seen) != HUB_OK;
		j->ready = now + WAIT_FOR_ROOM;
	} else if (j->state != JOB_WAIT && now >= j->ready && line_free(s, now)) {
		if (j->state == JOB_READ)
			read_next(s, j, now);
		else if (j->state == JOB_WRITE)
			write_once(s, j, now);
		else
			check_now(s, j, now);
		if (j->state != JOB_WAIT)
			j->ready = j->state == JOB_TELL ? 0 : now + WAIT_FOR_ROOM;
	}
}

static void checked(job *j, const uint8_t *bytes, hub_time now)
{
	const mb_layout *l = &j->control->check_layout;
	bool bit = j->control->check_function <= MB_READ_INPUTS;
	uint64_t raw = bit ? bytes[0] & 1u : mb_raw(l, bytes);
	hub_fault fault;
	hub_value v;
	char text[DECIMAL_TEXT];
	if (mb_value_read(l, raw, &v, &fault) == HUB_OK)
		snprintf(j->seen, sizeof j->seen, "%s", hub_value_text(v, text));
	raw = l->mask ? (raw & l->mask) >> __builtin_ctzll(l->mask) : raw;
	if (raw == j->want) {
		finish(j, "confirmed", "");
	} else if (++j->checks < CHECKS) {
		j->state = JOB_CHECK;
		j->ready = now + CHECK_AGAIN;
	} else {
		finish(j, "refused", "not_done");
	}
}

void job_answered(session *s, const ask *a, const uint8_t *bytes, const char *reason, hub_time now)
{
	(void)s;
	job *j = a->job;
	bool silent = !bytes && (!strcmp(reason, "no_answer") || !strcmp(reason, "bad_answer"));
	bool checks = j->control && j->control->check_function;
	if (a->purpose == ASK_READ && bytes) {
		j->read++;
		j->state = JOB_READ;
	} else if (a->purpose == ASK_WRITE && (bytes || silent) && checks) {
		j->state = JOB_CHECK;
		j->ready = now + j->control->check_after;
	} else if (a->purpose == ASK_WRITE && bytes) {
		finish(j, "confirmed", "");
	} else if (a->purpose == ASK_CHECK && bytes) {
		checked(j, bytes, now);
	} else if (silent) {
		finish(j, a->purpose == ASK_READ ? "refused" : "sent", "no_answer");
	} else {
		finish(j, a->purpose == ASK_CHECK ? "sent" : "refused", reason);
	}
}

hub_time job_due(const session *s)
{
	hub_time at = 0;
	for (size_t i = 0; i < JOBS_MAX; i++) {
		const job *j = &s->jobs[i];
		hub_time ready = j->ready ? j->ready : 1;
		if (j->used && j->state != JOB_WAIT && (!at || ready < at))
			at = ready;
	}
	return at;
}
