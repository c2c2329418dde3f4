#include "api/message.h"

#include "base/clock.h"
#include "base/json.h"

static const char *type_name(hub_record_type type)
{
	static const char *const names[] = { [HUB_RECORD_EVENT] = "event",
					     [HUB_RECORD_TRANSACTION] = "transaction",
					     [HUB_RECORD_RESULT] = "result",
					     [HUB_RECORD_ARCHIVE] = "archive" };
	return (size_t)type < sizeof names / sizeof names[0] && names[type] ? names[type] : "";
}

void message_write(buf *out, const message *m, const char *point_code)
{
	char time[CLOCK_TEXT];
	buf_printf(out, "{\"type\":\"%s\",\"point\":", type_name(m->type));
	json_write_text(out, point_code);
	buf_text(out, ",\"channel\":");
	json_write_text(out, m->channel);
	buf_printf(out, ",\"time\":\"%s\",\"body\":%s}", clock_text(m->time, time), m->body);
}
