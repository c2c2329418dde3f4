/*
 * Whether text is base64 as its writer had to write it (RFC 4648, its unused bits zero as in §3.5). To be asked before
 * cjose decodes what a stranger sent: it ends the process by an assertion where a last character stands alone. Pure.
 */
#ifndef IDENTITY_BASE64_H
#define IDENTITY_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* §5, without padding, as JOSE has it; "" is. */
bool base64_is_url(const char *text, size_t len);
/* §4, padded to fours. */
bool base64_is_padded(const char *text, size_t len);
/* Three such parts between two dots: a compact JWS (RFC 7515 §3.1) may be inside. */
bool base64_is_compact(const char *text, size_t len);

#endif
