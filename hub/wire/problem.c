#include "wire/problem.h"

#include "base/json.h"

static const struct title {
	int status;
	const char *text;
} titles[] = {
	{ 400, "Bad Request" }, { 401, "Unauthorized" }, { 403, "Forbidden" }, { 404, "Not Found" },
	{ 405, "Method Not Allowed" }, { 408, "Request Timeout" }, { 409, "Conflict" }, { 411, "Length Required" },
	{ 413, "Content Too Large" }, { 415, "Unsupported Media Type" }, { 422, "Unprocessable Content" },
	{ 429, "Too Many Requests" }, { 500, "Internal Server Error" }, { 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
};

const char *problem_title(int status)
{
	for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
		if (titles[i].status == status)
			return titles[i].text;
	return "Error";
}

hub_status problem_reply(int status, const hub_fault *fault, const trace_id *trace, arena *a, wire_reply *ret)
{
	buf b = { 0 };
	char text[TRACE_TEXT];
	buf_printf(&b, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"code\":", problem_title(status), status);
	json_write_text(&b, fault->code);
	if (fault->field && fault->field[0]) {
		buf_text(&b, ",\"field\":");
		json_write_text(&b, fault->field);
	}
	buf_text(&b, ",\"detail\":");
	json_write_text(&b, fault->message);
	if (trace)
		buf_printf(&b, ",\"trace\":\"%s\"", trace_text(trace, text));
	buf_text(&b, "}\n");
	uint8_t *body = b.bad ? NULL : arena_memdup(a, b.bytes, b.len);
	size_t len = b.len;
	buf_fini(&b);
	if (!body)
		return HUB_NOMEM;
	*ret = (wire_reply){ .status = status, .content_type = "application/problem+json", .body = body, .body_len = len,
			     .continuation = "" };
	return HUB_OK;
}
