#include "store/statement.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

/* PostgreSQL counts microseconds from 2000-01-01 and keeps both ends of int64 for infinity. */
static const int64_t pg_epoch = INT64_C(946684800000000);

const int args_binary[ARGS_MAX] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };

void args_fini(args *a)
{
	for (int i = 0; i < a->count; i++)
		buf_fini(&a->arrays[i]);
	a->count = 0;
}

static void put(args *a, Oid type, const void *bytes, size_t len)
{
	assert(a->count < ARGS_MAX);
	a->types[a->count] = type;
	a->values[a->count] = bytes;
	a->lengths[a->count] = (int)len;
	a->count++;
}

static void put_fixed(args *a, Oid type, uint64_t v, size_t width)
{
	uint64_t be = htobe64(v << (64 - 8 * width));
	memcpy(a->fixed[a->count], &be, 8);
	put(a, type, a->fixed[a->count], width);
}

void arg_i64(args *a, int64_t v) { put_fixed(a, OID_I64, (uint64_t)v, 8); }
void arg_i32(args *a, int32_t v) { put_fixed(a, OID_I32, (uint32_t)v, 4); }
void arg_i16(args *a, int16_t v) { put_fixed(a, OID_I16, (uint16_t)v, 2); }
void arg_bool(args *a, bool v) { put_fixed(a, OID_BOOL, v, 1); }
void arg_null(args *a, Oid type) { put(a, type, NULL, 0); }
void arg_text(args *a, const char *v) { put(a, OID_TEXT, v, v ? strlen(v) : 0); }
void arg_bytes(args *a, const void *v, size_t len) { put(a, OID_BYTEA, v ? v : "", len); }
void arg_time(args *a, hub_time t) { put_fixed(a, OID_TIME, (uint64_t)(t - pg_epoch), 8); }
void arg_from(args *a, hub_time t) { put_fixed(a, OID_TIME, (uint64_t)(t ? t - pg_epoch : INT64_MIN), 8); }
void arg_to(args *a, hub_time t) { put_fixed(a, OID_TIME, (uint64_t)(t ? t - pg_epoch : INT64_MAX), 8); }

void arg_value(args *a, hub_value v)
{
	arg_value_if(a, true, v);
}

void arg_value_if(args *a, bool has, hub_value v)
{
	if (has)
		arg_i64(a, v.digits);
	else
		arg_null(a, OID_I64);
	arg_i16(a, has ? v.scale : 0);
}

static const struct {
	Oid element, array;
} array_types[] = {
	{ OID_BOOL, OID_BOOLS }, { OID_BYTEA, OID_BYTEAS }, { OID_I64, OID_I64S }, { OID_I16, OID_I16S },
	{ OID_I32, OID_I32S },   { OID_TEXT, OID_TEXTS },   { OID_TIME, OID_TIMES },
	{ OID_UUID, OID_UUIDS },
};

static void array_seal(args *a)
{
	buf *b = &a->arrays[a->count - 1];
	a->values[a->count - 1] = (const char *)b->bytes;
	a->lengths[a->count - 1] = (int)b->len;
	a->bad |= b->bad;
}

void arg_array(args *a, Oid element, size_t count)
{
	Oid array = 0;
	for (size_t i = 0; i < sizeof array_types / sizeof array_types[0]; i++)
		if (array_types[i].element == element)
			array = array_types[i].array;
	assert(array && a->count < ARGS_MAX);
	buf *b = &a->arrays[a->count];
	buf_be(b, count > 0, 4); /* dimensions */
	buf_be(b, 0, 4);         /* no NULL among them */
	buf_be(b, element, 4);
	if (count) {
		buf_be(b, count, 4);
		buf_be(b, 1, 4); /* first subscript */
	}
	put(a, array, NULL, 0);
	array_seal(a);
}

static void item_put(args *a, const void *bytes, size_t len)
{
	buf *b = &a->arrays[a->count - 1];
	buf_be(b, len, 4);
	buf_put(b, bytes, len);
	array_seal(a);
}

static void item_fixed(args *a, uint64_t v, size_t width)
{
	uint64_t be = htobe64(v << (64 - 8 * width));
	item_put(a, &be, width);
}

void item_i64(args *a, int64_t v) { item_fixed(a, (uint64_t)v, 8); }
void item_i32(args *a, int32_t v) { item_fixed(a, (uint32_t)v, 4); }
void item_i16(args *a, int16_t v) { item_fixed(a, (uint16_t)v, 2); }
void item_bool(args *a, bool v) { item_fixed(a, v, 1); }
void item_text(args *a, const char *v) { item_put(a, v ? v : "", v ? strlen(v) : 0); }
void item_bytes(args *a, const void *v, size_t len) { item_put(a, v ? v : "", len); }
void item_time(args *a, hub_time t) { item_fixed(a, (uint64_t)(t - pg_epoch), 8); }
void item_from(args *a, hub_time t) { item_fixed(a, (uint64_t)(t ? t - pg_epoch : INT64_MIN), 8); }
void item_to(args *a, hub_time t) { item_fixed(a, (uint64_t)(t ? t - pg_epoch : INT64_MAX), 8); }

void arg_i64s(args *a, const int64_t *v, size_t count)
{
	arg_array(a, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(a, v[i]);
}

void arg_u16s(args *a, const uint16_t *v, size_t count)
{
	arg_array(a, OID_I16, count);
	for (size_t i = 0; i < count; i++)
		item_i16(a, (int16_t)v[i]);
}

void arg_texts(args *a, const char *const *v, size_t count)
{
	arg_array(a, OID_TEXT, count);
	for (size_t i = 0; i < count; i++)
		item_text(a, v[i]);
}
