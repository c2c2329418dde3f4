/* GET /v1/sales, /v1/sales.xlsx: the caller's own sales, or what went through it as a payment provider; from=, to=,
 * by=, zone=. */
#ifndef API_SALES_H
#define API_SALES_H

#include "api/request.h"

hub_status sales_get(request *r);
hub_status sales_book_get(request *r);

#endif
