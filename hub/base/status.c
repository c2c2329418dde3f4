#include <hub/status.h>

#include <stdarg.h>
#include <stdio.h>

const char *hub_status_name(hub_status st)
{
	static const char *const names[] = { "ok",       "again", "reject", "denied", "missing",
					     "conflict", "range", "nomem",  "failed" };
	return (size_t)st < sizeof names / sizeof *names ? names[st] : "unknown";
}

hub_status hub_fault_set(hub_fault *fault, const char *code, const char *field, const char *fmt, ...)
{
	if (!fault)
		return HUB_REJECT;
	fault->code = code;
	fault->field = field;
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(fault->message, sizeof fault->message, fmt, ap);
	va_end(ap);
	return HUB_REJECT;
}
