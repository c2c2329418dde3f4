#include "base/log.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

static const char *process = "hub";
static atomic_int threshold = LOG_INFO;

trace_id trace_new(void)
{
	trace_id t;
	/* 16 bytes never block or come short once the kernel's pool is up. */
	while (getrandom(t.bytes, sizeof t.bytes, 0) != (ssize_t)sizeof t.bytes)
		;
	return t;
}

const char *trace_text(const trace_id *t, char out[TRACE_TEXT])
{
	static const char hex[] = "0123456789abcdef";
	for (int i = 0; i < 16; i++) {
		out[2 * i] = hex[t->bytes[i] >> 4];
		out[2 * i + 1] = hex[t->bytes[i] & 15];
	}
	out[32] = 0;
	return out;
}

int trace_parse(const char *text, trace_id *ret)
{
	trace_id t = { { 0 } };
	for (int i = 0; i < 32; i++) {
		char c = text[i];
		int v = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
		if (v < 0)
			return -1;
		t.bytes[i / 2] = (uint8_t)(t.bytes[i / 2] << 4 | v);
	}
	if (text[32])
		return -1;
	*ret = t;
	return 0;
}

void log_setup(const char *name, log_level level)
{
	process = name;
	threshold = level;
}

void log_level_set(log_level level)
{
	threshold = level;
}

void log_line(log_level level, const trace_id *trace, const char *fmt, ...)
{
	static const char *const names[] = { "error", "warn", "info", "debug" };
	if ((int)level > threshold)
		return;
	char when[CLOCK_TEXT], id[TRACE_TEXT], text[2000], line[4200];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	size_t n = (size_t)snprintf(line, sizeof line, "%s %s %s %s%s%s", clock_text(clock_now(), when), names[level],
				    process, trace ? "trace=" : "", trace ? trace_text(trace, id) : "",
				    trace ? " " : "");
	for (const char *p = text; *p && n + 5 < sizeof line; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			n += (size_t)snprintf(line + n, 5, "\\x%02x", (unsigned char)*p);
		else
			line[n++] = *p;
	}
	line[n++] = '\n';
	/* One write, so that lines of several processes do not mix. */
	if (write(STDERR_FILENO, line, n) < 0)
		return;
}
