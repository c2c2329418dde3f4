#include "wire/fields.h"

void pack_fields(buf *out, const wire_field *fields, size_t count)
{
	buf_varint(out, count);
	for (size_t i = 0; i < count; i++) {
		buf_str(out, fields[i].name);
		buf_str(out, fields[i].value);
	}
}

const wire_field *unpack_fields(unpacker *u, size_t *ret_count)
{
	const hub_setting *pairs = unpack_pairs(u, ret_count);
	wire_field *fields = *ret_count ? arena_array(u->a, *ret_count, sizeof *fields) : NULL;
	u->nomem |= *ret_count && !fields;
	for (size_t i = 0; fields && i < *ret_count; i++)
		fields[i] = (wire_field){ pairs[i].key, pairs[i].value };
	return fields;
}
