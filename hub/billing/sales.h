/*
 * The finance report of sales (日/月/年财务销售统计): rows of store/sales.h with their sums, as JSON, CSV or a
 * workbook. Pure.
 */
#ifndef BILLING_SALES_H
#define BILLING_SALES_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/zone.h"
#include "store/sales.h"

typedef enum sales_form { SALES_JSON, SALES_CSV, SALES_XLSX, SALES_FORMS } sales_form;

/* "json", "csv", "xlsx". */
bool sales_form_parse(const char *name, sales_form *ret);
/* "day", "month", "year". */
bool sales_step_known(const char *step);

/*
 * Appended; sums by currency at the end, utilities and providers apart. The zone is that of q. `made`: of the document.
 * HUB_NOMEM, HUB_RANGE: a sum does not fit.
 */
hub_status sales_write(const sales_ask *q, const sales_row *rows, size_t count, const zone *z, hub_time made,
		       sales_form form, arena *a, buf *out);

#endif
