#include "policy/ext.h"

#include <inttypes.h>

void text_print(policy_text t, buf *out)
{
	buf_u8(out, '"');
	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = (unsigned char)t.p[i];
		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else if (c == '\n')
			buf_text(out, "\\n");
		else if (c < 0x20 || c == 0x7f)
			buf_printf(out, "\\u{%x}", c);
		else
			buf_u8(out, c);
	}
	buf_u8(out, '"');
}

void uid_print(const uid *u, buf *out)
{
	buf_put(out, u->type.p, u->type.len);
	buf_text(out, "::");
	text_print(u->id, out);
}

static void print_upto(const value *v, size_t end, buf *out);

/* No more items once the text is `end` long. */
static void print_items(const value *v, size_t end, buf *out)
{
	bool record = v->kind == POLICY_RECORD;
	size_t count = record ? v->record.count : v->set.count;
	buf_text(out, record ? "{" : "[");
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_text(out, ", ");
		if (out->len > end) {
			buf_text(out, "…");
			break;
		}
		if (record) {
			text_print(v->record.attrs[i].name, out);
			buf_text(out, ": ");
		}
		print_upto(record ? v->record.attrs[i].value : v->set.items[i], end, out);
	}
	buf_text(out, record ? "}" : "]");
}

static void print_upto(const value *v, size_t end, buf *out)
{
	policy_text t;
	size_t room = end > out->len ? end - out->len : 0;
	switch ((policy_kind)v->kind) {
	case POLICY_BOOL:
		buf_text(out, v->boolean ? "true" : "false");
		break;
	case POLICY_LONG:
		buf_printf(out, "%" PRId64, v->number);
		break;
	case POLICY_STRING:
		t = v->text;
		if (t.len > room)
			t.len = room;
		text_print(t, out);
		break;
	case POLICY_ENTITY:
		uid_print(v->entity, out);
		break;
	case POLICY_SET:
	case POLICY_RECORD:
		print_items(v, end, out);
		break;
	case POLICY_DECIMAL:
		buf_text(out, "decimal(\"");
		ext_decimal_print(v->number, out);
		buf_text(out, "\")");
		break;
	case POLICY_DATETIME:
		ext_datetime_print(v->number, out);
		break;
	case POLICY_DURATION:
		buf_text(out, "duration(\"");
		ext_duration_print(v->number, out);
		buf_text(out, "\")");
		break;
	case POLICY_IP:
		buf_text(out, "ip(\"");
		ext_ip_print(v, out);
		buf_text(out, "\")");
		break;
	}
}

void value_print(const value *v, size_t limit, buf *out)
{
	print_upto(v, out->len + limit, out);
}

const char *value_kind_name(uint8_t kind)
{
	static const char *const names[] = { "bool",   "long",    "string",   "entity",   "set",
					     "record", "decimal", "datetime", "duration", "ipaddr" };
	return kind < sizeof names / sizeof *names ? names[kind] : "unknown";
}
