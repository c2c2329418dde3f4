#include "decode.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/json.h"

struct decoder {
	hub_host *host;
	hub_link *link;
	bool all;
	buf readings, errors, others; /* JSON objects of this document, separated by commas */
	buf first_error;
	size_t refused;
};

static void fault_json(buf *out, const hub_fault *fault)
{
	buf_text(out, "{\"code\":");
	json_write_text(out, fault->code);
	buf_text(out, ",\"message\":");
	json_write_text(out, fault->message);
	buf_text(out, "}");
}

static void member(buf *out, const char *name, const char *text)
{
	buf_printf(out, ",\"%s\":", name);
	json_write_text(out, text);
}

static void details_json(buf *out, const hub_setting *details, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		buf_u8(out, ',');
		json_write_text(out, details[i].key);
		buf_u8(out, ':');
		json_write_text(out, details[i].value);
	}
}

static void other_json(buf *out, const hub_record *r)
{
	switch (r->type) {
	case HUB_RECORD_EVENT:
		buf_text(out, "{\"type\":\"event\"");
		member(out, "meter", r->event.meter);
		member(out, "code", r->event.code);
		details_json(out, r->event.details, r->event.detail_count);
		break;
	case HUB_RECORD_TRANSACTION:
		buf_text(out, "{\"type\":\"transaction\"");
		member(out, "meter", r->transaction.meter);
		member(out, "id", r->transaction.id);
		member(out, "phase", r->transaction.phase);
		details_json(out, r->transaction.details, r->transaction.detail_count);
		break;
	case HUB_RECORD_RESULT:
		buf_text(out, "{\"type\":\"result\"");
		member(out, "command", r->result.command);
		member(out, "state", r->result.state);
		member(out, "reason", r->result.reason);
		details_json(out, r->result.details, r->result.detail_count);
		break;
	default:
		buf_text(out, "{\"type\":\"archive\"");
		member(out, "meter", r->archive.meter);
		member(out, "kind", r->archive.kind);
		details_json(out, r->archive.details, r->archive.detail_count);
		break;
	}
	buf_text(out, "}");
}

static void next_of(buf *list)
{
	if (list->len)
		buf_u8(list, ',');
}

static hub_status on_record(void *context, hub_link *link, const record *r)
{
	(void)link;
	decoder *d = context;
	if (r->body.type == HUB_RECORD_READING) {
		next_of(&d->readings);
		reading_json(&d->readings, &r->body.reading);
	} else if (r->body.type == HUB_RECORD_FAULT) {
		if (!d->refused++)
			fault_json(&d->first_error, &r->fault);
		next_of(&d->errors);
		fault_json(&d->errors, &r->fault);
	} else if (d->all) {
		next_of(&d->others);
		other_json(&d->others, &r->body);
	}
	return d->readings.bad || d->errors.bad || d->others.bad ? HUB_NOMEM : HUB_OK;
}

static const host_calls calls = { .on_record = on_record };

hub_status decoder_new(const hub_adapter *adapter, const hub_setting *options, size_t count, bool all,
		       decoder **ret, hub_fault *fault)
{
	static const hub_peer peer = { HUB_MESSAGE, "decode", "" };
	decoder *d = fail_calloc(1, sizeof *d);
	if (!d)
		return HUB_NOMEM;
	d->all = all;
	hub_status st = instance_open(adapter, &calls, d, options, count, &d->host, fault);
	if (st == HUB_OK)
		st = session_open(d->host, &peer, NULL, &d->link);
	if (st != HUB_OK) {
		decoder_free(d);
		return st;
	}
	*ret = d;
	return HUB_OK;
}

void decoder_free(decoder *d)
{
	if (!d)
		return;
	instance_close(d->host);
	buf_fini(&d->readings);
	buf_fini(&d->errors);
	buf_fini(&d->others);
	buf_fini(&d->first_error);
	free(d);
}

hub_status decoder_feed(decoder *d, const uint8_t *bytes, size_t len)
{
	return session_input(d->link, bytes, len, false);
}

static void put_all(buf *out, const char *name, const buf *list)
{
	buf_printf(out, "\"%s\":[", name);
	buf_put(out, list->bytes, list->len);
	buf_u8(out, ']');
}

hub_status decoder_end(decoder *d, buf *out, size_t *ret_refused)
{
	hub_status st = session_input(d->link, NULL, 0, true);
	if (st != HUB_OK)
		return st;
	buf_u8(out, '{');
	if (d->readings.len || !d->refused)
		put_all(out, "readings", &d->readings);
	if (d->refused) {
		buf_text(out, d->readings.len ? ",\"error\":" : "\"error\":");
		buf_put(out, d->first_error.bytes, d->first_error.len);
	}
	if (d->refused > 1) {
		buf_u8(out, ',');
		put_all(out, "errors", &d->errors);
	}
	if (d->others.len) {
		buf_u8(out, ',');
		put_all(out, "records", &d->others);
	}
	buf_text(out, "}\n");
	*ret_refused = d->refused;
	d->refused = 0;
	buf_clear(&d->readings);
	buf_clear(&d->errors);
	buf_clear(&d->others);
	buf_clear(&d->first_error);
	return out->bad ? HUB_NOMEM : HUB_OK;
}

void decode_error(buf *out, const hub_fault *fault)
{
	buf_text(out, "{\"error\":");
	fault_json(out, fault);
	buf_text(out, "}\n");
}

static int digit(unsigned char c)
{
	return isdigit(c) ? c - '0' : tolower(c) - 'a' + 10;
}

hub_status decode_hex(const char *line, size_t len, buf *out, hub_fault *fault)
{
	int high = -1;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)line[i];
		if (high < 0 && c == '0' && i + 1 < len && (line[i + 1] == 'x' || line[i + 1] == 'X')) {
			i++;
		} else if (isxdigit(c)) {
			if (high >= 0)
				buf_u8(out, (uint8_t)(high << 4 | digit(c)));
			high = high >= 0 ? -1 : digit(c);
		} else if (!strchr(" \t\r,:-", c) || !c) {
			return hub_fault_set(fault, "hex.digit", "",
					     "a line holds hex digits: column %zu has byte %02X; a binary file takes --raw",
					     i + 1, c);
		}
	}
	if (high >= 0)
		return hub_fault_set(fault, "hex.odd", "",
				     "two hex digits make a byte: the line has an odd number; look for a lost digit");
	return HUB_OK;
}
