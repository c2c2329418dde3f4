/* An answer of sums as a workbook, with the rules and the source of its carbon beside the figures. */
#ifndef API_AGGREGATES_BOOK_H
#define API_AGGREGATES_BOOK_H

#include "aggregate/read.h"
#include "api/request.h"

hub_status aggregates_book(request *r, const aggregate_query *q, const aggregate_answer *answer, const zone *z);

#endif
