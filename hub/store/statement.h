/*
 * The room's own way to libpq: named statements from the .sql files, binary parameters and
 * results. Only hub/store includes it.
 *
 * A statement's errors: HUB_AGAIN (server away, serialization, deadlock, no room on its disk) and
 * HUB_FAILED end the caller's transaction. A broken constraint is HUB_CONFLICT (unique),
 * HUB_MISSING (foreign key) or HUB_REJECT (check, bad value) where a scope can undo it, else
 * HUB_FAILED.
 */
#ifndef STORE_STATEMENT_H
#define STORE_STATEMENT_H

#include <libpq-fe.h>

#include "base/buf.h"
#include "store/store.h"

enum { ARGS_MAX = 24 };

typedef struct args {
	int count;
	Oid types[ARGS_MAX];
	const char *values[ARGS_MAX];
	int lengths[ARGS_MAX];
	char fixed[ARGS_MAX][8];
	buf arrays[ARGS_MAX]; /* of those that are arrays */
	bool bad;             /* out of memory, told by sql_run */
} args;

static inline void args_init(args *a) { a->count = 0; a->bad = false; __builtin_memset(a->arrays, 0, sizeof a->arrays); }
void args_fini(args *a);
extern const int args_binary[ARGS_MAX]; /* libpq's formats of parameters */
#define AUTO_ARGS __attribute__((cleanup(args_fini))) args

void arg_i64(args *a, int64_t v);
void arg_i32(args *a, int32_t v);
void arg_i16(args *a, int16_t v);
void arg_bool(args *a, bool v);
void arg_text(args *a, const char *v);  /* borrowed; NULL is NULL */
void arg_bytes(args *a, const void *v, size_t len);
void arg_secret(args *a, const char *text, uint8_t digest[32]); /* its digest (secret.h), which must outlive a */
void arg_null(args *a, Oid type);
void arg_time(args *a, hub_time t);     /* as it is */
void arg_from(args *a, hub_time t);     /* 0: -infinity */
void arg_to(args *a, hub_time t);       /* 0: infinity */
void arg_value(args *a, hub_value v);   /* two parameters: digits bigint, scale smallint */
void arg_value_if(args *a, bool has, hub_value v); /* digits NULL if not */

/* Arrays: begin, then `count` elements, in order. */
void arg_array(args *a, Oid element, size_t count);
void item_i64(args *a, int64_t v);
void item_i32(args *a, int32_t v);
void item_i16(args *a, int16_t v);
void item_bool(args *a, bool v);
void item_text(args *a, const char *v);
void item_bytes(args *a, const void *v, size_t len);
void item_time(args *a, hub_time t);
void item_from(args *a, hub_time t); /* as arg_from */
void item_to(args *a, hub_time t);
void arg_i64s(args *a, const int64_t *v, size_t count);
void arg_u16s(args *a, const uint16_t *v, size_t count); /* smallint[] */
void arg_texts(args *a, const char *const *v, size_t count);

/* pg_type's numbers, fixed for ever. */
enum { OID_BOOL = 16, OID_BYTEA = 17, OID_I64 = 20, OID_I16 = 21, OID_I32 = 23, OID_TEXT = 25, OID_TIME = 1184,
       OID_BOOLS = 1000, OID_BYTEAS = 1001, OID_I16S = 1005, OID_I32S = 1007, OID_TEXTS = 1009, OID_I64S = 1016,
       OID_TIMES = 1185, OID_UUID = 2950, OID_UUIDS = 2951 };

/* Runs a statement by name. args NULL: none. */
hub_status sql_run(store *db, const char *name, const args *a, PGresult **ret, hub_fault *fault);
/* As sql_run, planned anew each time: for a table that may have grown a thousandfold since the last. */
hub_status sql_run_planned(store *db, const char *name, const args *a, PGresult **ret, hub_fault *fault);
hub_status sql_do(store *db, const char *name, const args *a, hub_fault *fault); /* result dropped */
size_t sql_rows(const PGresult *res);    /* affected */
/* Text without parameters, as migrations and transaction statements are. */
hub_status sql_text(store *db, const char *sql, hub_fault *fault);

PGconn *store_connection(store *db);

static inline void result_clear(PGresult **r) { PQclear(*r); }
#define AUTO_RESULT __attribute__((cleanup(result_clear))) PGresult *

/* A cell of a binary result, by the column's place; NULL gives 0, "", no bytes. */
bool get_null(const PGresult *r, int row, int col);
int64_t get_i64(const PGresult *r, int row, int col); /* any integer width */
bool get_bool(const PGresult *r, int row, int col);
hub_time get_time(const PGresult *r, int row, int col); /* ±infinity: 0 */
hub_value get_value(const PGresult *r, int row, int col); /* digits in col, scale in col + 1 */
const uint8_t *get_bytes(const PGresult *r, int row, int col, size_t *ret_len); /* borrowed */
/* A smallint array: sets marks[v] of each element v that is below n. */
void get_marks(const PGresult *r, int row, int col, bool *marks, size_t n);

/* Into an arena; sticky: `bad` once memory ran out. */
typedef struct fetch {
	const PGresult *r;
	arena *a;
	bool bad;
} fetch;
const char *fetch_text(fetch *f, int row, int col);
const uint8_t *fetch_bytes(fetch *f, int row, int col, size_t *ret_len);
const int64_t *fetch_i64s(fetch *f, int row, int col, size_t *ret_count);
const hub_time *fetch_times(fetch *f, int row, int col, size_t *ret_count);
const uint16_t *fetch_u16s(fetch *f, int row, int col, size_t *ret_count);
const char *const *fetch_texts(fetch *f, int row, int col, size_t *ret_count);

/* Runs a statement and makes each row of its result an element of `size` bytes in the arena. */
typedef void (*fetch_row)(fetch *f, int row, void *ret);
hub_status sql_list(store *db, const char *name, const args *in, arena *a, size_t size, fetch_row row, void *ret,
		    size_t *ret_count); /* ret: a pointer to the list's pointer */
hub_status sql_one(store *db, const char *name, const args *in, arena *a, size_t size, fetch_row row,
		   void *ret); /* the first row; HUB_MISSING */
/* Runs a statement and gives its first cell; HUB_MISSING: no row. */
hub_status sql_number(store *db, const char *name, const args *in, int64_t *ret, hub_fault *fault);

#endif
