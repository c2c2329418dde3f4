/* Writing JSON (RFC 8259) into a buffer. Reading is Jansson's. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buf.h"

/* A string with its quotes. The text is UTF-8; bytes that are not become U+FFFD. NULL is "". */
void json_write_text(buf *out, const char *text);
void json_write_textn(buf *out, const char *text, size_t len);

#endif
