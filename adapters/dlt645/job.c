/*
 * The steps of a command. What is written is told as sent first and goes out once: without an answer the
 * meter is asked for its state, and only that state confirms.
 */
#include <string.h>

#include "dlt645.h"

enum { CHECKS = 3, SECRET_TEXT = 18 };

static bool checks(const job *j)
{
	return j->order.check != CHECK_NONE;
}

hub_status job_data(session *s, const job *j, const uint8_t *bytes, size_t len)
{
	hub_time now = s->in->api->now(s->in->host);
	s->master.decided = true;
	if (j->step == STEP_READ)
		return master_result(s, j, "confirmed", "");
	if (order_holds(&j->order, bytes, len, now, s->in->utc_offset))
		return master_result(s, j, "confirmed", "");
	if (j->checks + 1 >= CHECKS)
		return master_result(s, j, "refused", "not_done");
	s->master.decided = false;
	return HUB_OK;
}

hub_status job_ack(session *s, const job *j)
{
	bool last = j->frame == j->order.frames;
	return last && !checks(j) ? master_result(s, j, "confirmed", "") : HUB_OK;
}

hub_status job_refused(session *s, const job *j, const char *reason)
{
	/* The meter did it and cannot show it. */
	if (j->step == STEP_CHECK)
		return j->acked ? master_result(s, j, "confirmed", "unchecked")
				: master_result(s, j, "sent", "no_answer");
	return master_result(s, j, "refused", reason);
}

bool job_send(session *s, job *j, hub_time now)
{
	static const uint8_t everybody[6] = { 0x99, 0x99, 0x99, 0x99, 0x99, 0x99 };
	uint8_t address[6], out[16 + 12 + ORDER_DATA_MAX];
	hub_record r = { .type = HUB_RECORD_RESULT };
	r.result = (hub_result) { j->command, "sent", "", 0, NULL, 0 };
	if (!j->told && s->in->api->emit(s->link, &r) != HUB_OK)
		return false;
	j->told = true;
	if (j->order.is_clock)
		order_clock(&j->order, &j->key, now, s->in->utc_offset);
	dlt_address_parse(j->meter, address);
	size_t len = dlt_frame_write(out, s->in->preamble, j->order.broadcast ? everybody : address, j->order.control,
				     j->order.data[j->frame], j->order.len[j->frame]);
	bool sent = s->in->api->send(s->link, out, len) == HUB_OK;
	j->frame += sent;
	return sent;
}

job_next job_answered(session *s, job *j, answer a)
{
	if (a == ANSWER_ACK) {
		j->acked = true;
		if (j->frame < j->order.frames)
			return JOB_NEXT_ASK;
		j->step = STEP_CHECK;
		return checks(j) ? JOB_NEXT_ASK : JOB_NEXT_END;
	}
	if (a == ANSWER_DONE && j->step == STEP_CHECK && !s->master.decided) {
		j->checks++;
		return JOB_NEXT_LATER;
	}
	return JOB_NEXT_END;
}

/* A write without an answer is looked at; so is a broadcast, which has none. */
job_next job_silent(job *j)
{
	if (j->step != STEP_WRITE || !checks(j) || !j->told)
		return JOB_NEXT_END;
	j->step = STEP_CHECK;
	return JOB_NEXT_ASK;
}

const char *job_silence_state(const job *j)
{
	return j->told ? "sent" : "refused";
}

/* "PASSWORD/OPERATOR" of the table, else the options'. */
static bool key_of(const session *s, const char *meter, order_key *ret)
{
	const char *row;
	char password[9] = "", operator_code[9] = "";
	*ret = s->in->key;
	if (s->in->api->lookup(s->in->host, "meter_keys", meter, &row) != HUB_OK)
		return true;
	if (strlen(row) != SECRET_TEXT - 1 || row[8] != '/')
		return false;
	memcpy(password, row, 8);
	memcpy(operator_code, row + 9, 8);
	return order_key_parse(password, operator_code, ret);
}

const char *job_make(const session *s, const hub_command *command, job *j)
{
	if (!strcmp(command->kind, "read")) {
		for (size_t i = 0; i < command->argument_count; i++) {
			const hub_setting *a = &command->arguments[i];
			if (!strcmp(a->key, "identifier") && !identifier_parse(a->value, strlen(a->value), &j->what))
				return "identifier: 8 (2007) or 4 (1997) hex digits";
		}
		return NULL;
	}
	if (!key_of(s, command->meter, &j->key))
		return "key: PASSWORD/OPERATOR of 8 hex digits each in meter_keys";
	const char *why = order_make(command, &j->key, s->in->api->now(s->in->host), s->in->utc_offset, &j->order);
	j->what = (identifier) { j->order.check_of, checks(j) ? 4 : 0 };
	j->step = command->repeated ? STEP_CHECK : STEP_WRITE;
	j->told = command->repeated;
	return why;
}
