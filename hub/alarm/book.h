/* The rules in force as the intake needs them: by point, kept under epoch "alarm". Any number of threads. */
#ifndef ALARM_BOOK_H
#define ALARM_BOOK_H

#include "store/alarm.h"

typedef struct alarm_book alarm_book;
hub_status alarm_book_new(alarm_book **ret);
void alarm_book_free(alarm_book *b);

/* points: rising, without repeats. *ret: their rules, by point and number; in the arena. */
hub_status alarm_book_at(alarm_book *b, store *db, const int64_t *points, size_t count, arena *a, alarm_rule **ret,
			 size_t *ret_count);
/* Whether there is any rule at all that the intake has to look at. */
hub_status alarm_book_empty(alarm_book *b, store *db, bool *ret);

#endif
