/*
 * One line per happening on standard error, structured and readable:
 *   2026-11-20T11:16:39.000001Z warn hubd trace=4bf92f35… meter '0001': clock 40 s ahead
 * Library code returns a status and stays silent; the daemon logs once.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdint.h>

typedef enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG } log_level;

typedef struct trace_id {
	uint8_t bytes[16]; /* all zero: none */
} trace_id;

enum { TRACE_TEXT = 33 };

trace_id trace_new(void); /* random */
const char *trace_text(const trace_id *t, char out[TRACE_TEXT]); /* 32 hex digits */
int trace_parse(const char *text, trace_id *ret); /* 0, or -1 if not 32 hex digits */

/* name: the process, static. Lines above `level` are dropped. */
void log_setup(const char *name, log_level level);
void log_level_set(log_level level); /* on reload */
/* NULL trace: none. Control characters in the text are escaped, so a line stays one line. */
void log_line(log_level level, const trace_id *trace, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#define log_error(...) log_line(LOG_ERROR, 0, __VA_ARGS__)
#define log_warn(...) log_line(LOG_WARN, 0, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO, 0, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, 0, __VA_ARGS__)

#endif
