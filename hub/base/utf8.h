/* UTF-8 as RFC 3629 has it: no surrogates, no overlong forms, nothing past U+10FFFF. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes (1–4) of the well-formed character at p, 0 if there is none; left >= 1. */
size_t utf8_char(const uint8_t *p, size_t left);

bool utf8_valid(const void *bytes, size_t len);

/*
 * Copies text that may be broken or long: bytes that are no UTF-8 become '?', and what does not
 * fit is cut between characters. size >= 1, with the NUL. Gives out.
 */
const char *utf8_clean(const char *text, char *out, size_t size);

#endif
