/*
 * Documents in, JSON lines out: what `hubctl decode` prints and what an adapter's vectors are
 * checked against. One session for everything, with a fixed peer.
 */
#ifndef HOST_DECODE_H
#define HOST_DECODE_H

#include "base/buf.h"
#include "host/session.h"

typedef struct decoder decoder;

/*
 * Opens an instance and a session. all: records that are no readings are shown too, under
 * "records". HUB_REJECT with *fault: an option.
 */
hub_status decoder_new(const hub_adapter *adapter, const hub_setting *options, size_t count, bool all,
		       decoder **ret, hub_fault *fault);
void decoder_free(decoder *d); /* NULL is fine */

/* A piece of the document; then decoder_end. HUB_NOMEM, HUB_FAILED: give up. */
hub_status decoder_feed(decoder *d, const uint8_t *bytes, size_t len);
/*
 * Closes the document and appends its line, with a line feed:
 *   {"readings":[…]}                          nothing was refused
 *   {"error":{"code","message"}}              something was; the first of them. With "readings" before
 *                                             it if some were read, and "errors" if there are several.
 * *ret_refused: how many parts were refused.
 */
hub_status decoder_end(decoder *d, buf *out, size_t *ret_refused);

/*
 * A line of hex, tolerant of spaces, tabs, ':' '-' ',' "0x" and case, appended as bytes. HUB_REJECT
 * with *fault ("hex.digit", "hex.odd").
 */
hub_status decode_hex(const char *line, size_t len, buf *out, hub_fault *fault);
/* {"error":…} as above, with a line feed. */
void decode_error(buf *out, const hub_fault *fault);

#endif
