#include "csv.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"

typedef struct instance {
	const hub_host_api *api;
	hub_host *host;
	config config;
} instance;

typedef struct session {
	const instance *in;
	hub_link *link;
	row *row;
	/* of the document */
	size_t number;    /* of the row at hand, from 1, all lines counted */
	size_t data_rows;
	bool ready;       /* the columns are known */
	bool unusable;    /* they could not be found: nothing of it is read */
	columns columns;
	series_map series;
	/* of the row at hand */
	size_t taken; /* value columns dealt with before HUB_AGAIN */
} session;

static hub_status refuse(session *s, const hub_fault *fault, const uint8_t *raw, size_t len)
{
	return s->in->api->reject(s->link, fault, raw, len);
}

static hub_status value_take(session *s, const outcome *o, const uint8_t *raw, size_t len)
{
	hub_status st = HUB_OK;
	if (o->what == OUTCOME_REFUSED)
		st = refuse(s, &o->fault, raw, len);
	if (o->what == OUTCOME_READING) {
		hub_record r = { .type = HUB_RECORD_READING, .reading = o->reading, .raw = raw, .raw_len = len };
		st = s->in->api->emit(s->link, &r);
	}
	if (st == HUB_OK && o->becomes_base) {
		o->series->any = true;
		o->series->start = o->start;
		o->series->end = o->end;
		o->series->value = o->value;
	}
	return st;
}

static hub_status data_row(session *s, const uint8_t *raw, size_t len)
{
	const config *c = &s->in->config;
	char text[6][JOINED_MAX];
	row_head head;
	hub_fault fault;
	hub_status st = row_head_read(c, &s->columns, s->row, s->number, text, &head, &fault);
	if (st != HUB_OK)
		return refuse(s, &fault, raw, len);
	for (size_t i = s->taken; i < c->value_count && st == HUB_OK; i++) {
		outcome o;
		st = value_read(c, &s->columns, s->row, s->number, &head, i, &s->series, &o);
		if (st == HUB_OK)
			st = value_take(s, &o, raw, len);
		s->taken = st == HUB_OK ? i + 1 : i;
	}
	return st;
}

static hub_status header_row(session *s, const row *header, const uint8_t *raw, size_t len)
{
	hub_fault fault;
	hub_status st = columns_find(&s->in->config, header, &s->columns, &fault);
	if (st == HUB_REJECT) {
		st = refuse(s, &fault, raw, len);
		s->unusable = st == HUB_OK;
	}
	s->ready = st == HUB_OK;
	return st;
}

static hub_status broken_row(session *s, row_scan found, const uint8_t *raw, size_t len)
{
	hub_fault fault;
	if (found == ROW_UNCLOSED)
		hub_fault_set(&fault, "csv.quote", "row",
			      "row %zu: a quotation mark is closed by a second one: this one is not; mend the row", s->number);
	else if (found == ROW_LONG)
		hub_fault_set(&fault, "csv.row_length", "row", "row %zu: a row has at most %d bytes; check the line ends",
			      s->number, ROW_MAX);
	else
		hub_fault_set(&fault, "csv.columns", "row", "row %zu: a row has at most %d fields; check the separator",
			      s->number, ROW_FIELDS_MAX);
	return refuse(s, &fault, raw, len);
}

static hub_status row_take(session *s, row_scan found, const uint8_t *raw, size_t len)
{
	const config *c = &s->in->config;
	if (s->unusable || found == ROW_BLANK || s->number <= c->skip)
		return HUB_OK;
	if (found != ROW_WHOLE)
		return broken_row(s, found, raw, len);
	if (!s->ready && c->header)
		return header_row(s, s->row, raw, len);
	hub_status st = s->ready ? HUB_OK : header_row(s, NULL, raw, len);
	if (st != HUB_OK || s->unusable)
		return st;
	st = data_row(s, raw, len);
	s->data_rows += st == HUB_OK;
	return st;
}

static void document_reset(session *s)
{
	s->number = s->data_rows = s->taken = 0;
	s->ready = s->unusable = false;
	series_fini(&s->series);
}

static hub_status document_end(session *s)
{
	hub_fault fault;
	hub_status st = HUB_OK;
	if (!s->data_rows && !s->unusable) {
		hub_fault_set(&fault, "csv.empty", "", "a file has rows%s: this one has none; send it again whole",
			      s->in->config.header ? " below its header" : "");
		st = refuse(s, &fault, NULL, 0);
	}
	if (st == HUB_OK)
		document_reset(s);
	return st;
}

static size_t mark_len(const session *s, const uint8_t *bytes, size_t len)
{
	return !s->number && len >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3) ? 3 : 0;
}

static hub_status csv_input(void *self, const uint8_t *bytes, size_t len, bool end, size_t *ret_used)
{
	session *s = self;
	const config *c = &s->in->config;
	size_t at = 0, used = 0;
	hub_status st = HUB_OK;
	while (at < len && st == HUB_OK) {
		size_t mark = mark_len(s, bytes + at, len - at);
		if (mark == len - at && !end)
			break;
		row_scan found = mark == len - at ? ROW_BLANK :
						    row_read(bytes + at + mark, len - at - mark, end, c->separator, c->comment,
							     s->row, &used);
		used = mark == len - at ? 0 : used;
		if (found == ROW_MORE)
			break;
		s->number++;
		st = row_take(s, found, bytes + at + mark, used);
		if (st != HUB_OK) {
			s->number--;
			break;
		}
		s->taken = 0;
		at += mark + used;
	}
	if (st == HUB_OK && end)
		st = document_end(s);
	*ret_used = at;
	return st;
}

static void csv_close(void *self)
{
	instance *in = self;
	if (in)
		config_fini(&in->config);
	free(in);
}

static hub_status csv_open(const hub_host_api *api, hub_host *host, const hub_setting *settings, void **ret_self,
			   hub_fault *fault)
{
	instance *in = fail_calloc(1, sizeof *in);
	if (!in)
		return HUB_NOMEM;
	in->api = api;
	in->host = host;
	hub_status st = config_read(&in->config, settings, fault);
	if (st != HUB_OK) {
		csv_close(in);
		return st;
	}
	*ret_self = in;
	return HUB_OK;
}

static void csv_session_close(void *self)
{
	session *s = self;
	if (!s)
		return;
	series_fini(&s->series);
	free(s->row);
	free(s);
}

static hub_status csv_session_open(void *self, const hub_peer *peer, hub_link *link, void **ret_session)
{
	(void)peer;
	session *s = fail_calloc(1, sizeof *s);
	if (!s)
		return HUB_NOMEM;
	s->in = self;
	s->link = link;
	s->row = fail_malloc(sizeof *s->row);
	if (!s->row) {
		csv_session_close(s);
		return HUB_NOMEM;
	}
	*ret_session = s;
	return HUB_OK;
}

const hub_adapter hub_adapter_table = {
	.abi = HUB_ADAPTER_ABI,
	.name = "csv",
	.version = "1",
	.summary = "files of comma-separated values by a mapping",
	.options = csv_options,
	.transports = HUB_DIRECTORY | HUB_MESSAGE | HUB_TCP_SERVER,
	.frame_max = 2 * ROW_MAX,
	.open = csv_open,
	.close = csv_close,
	.session_open = csv_session_open,
	.input = csv_input,
	.session_close = csv_session_close,
};
