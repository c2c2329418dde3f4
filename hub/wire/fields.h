/* Lists of name and value, as headers and queries are, in the packed encoding. */
#ifndef WIRE_FIELDS_H
#define WIRE_FIELDS_H

#include "wire/call.h"
#include "wire/pack.h"

void pack_fields(buf *out, const wire_field *fields, size_t count);
const wire_field *unpack_fields(unpacker *u, size_t *ret_count);

#endif
