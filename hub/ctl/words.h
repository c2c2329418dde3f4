/* Words of a command line that more than one noun takes: names of things, pairs, numbers, times. */
#ifndef CTL_WORDS_H
#define CTL_WORDS_H

#include "base/arena.h"
#include "base/buf.h"
#include "ctl/ctl.h"
#include "store/store.h"

/* Each fills *fault and answers HUB_REJECT for a bad word, HUB_MISSING for an unknown name. */
hub_status word_party(store *db, const char *code, arena *a, int64_t *ret, hub_fault *fault);
hub_status word_point(store *db, const char *code, arena *a, int64_t *ret, hub_fault *fault);
hub_status word_quantity(const char *name, uint16_t *ret, hub_fault *fault);
/* RFC 3339, or a date, which is its midnight UTC; NULL: fallback. */
hub_status word_time(const char *text, hub_time fallback, hub_time *ret, hub_fault *fault);
/* NULL: fallback. */
hub_status word_value(const char *text, hub_value fallback, hub_value *ret, hub_fault *fault);
hub_status word_number(const char *text, uint64_t fallback, uint64_t *ret, hub_fault *fault);

/*
 * Every `--name key=value` taken out of argv, in order; `key=@file` takes the file's text without
 * its last line feed. Texts in the arena.
 */
hub_status word_pairs(int *argc, char **argv, const char *name, arena *a, hub_setting **ret, size_t *ret_count,
		      hub_fault *fault);
/* Every `--name VALUE`. HUB_NOMEM, HUB_REJECT: a value is missing. */
hub_status word_list(int *argc, char **argv, const char *name, arena *a, const char ***ret, size_t *ret_count);
/* {"key":"value",…} */
hub_status word_object(const hub_setting *pairs, size_t count, arena *a, const char **ret);

#endif
