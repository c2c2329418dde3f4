/* What one rating leaves to the next, as JSON: facts.state and the facts that stand for parts of it. */
#ifndef BILLING_USAGE_STATE_H
#define BILLING_USAGE_STATE_H

#include <jansson.h>

#include "billing/form.h"
#include "billing/usage.h"

/* As rating_json writes it. Texts live in the form's arena; what is wrong is refused through the form. */
void state_read(form *f, const json_t *o, usage_state *s);
/* "prior_usage": "95", or by charge code. */
void state_prior_read(form *f, const json_t *v, usage_state *s);
/* "peaks": [{"at", "value", "code"}] */
void state_peaks_read(form *f, const json_t *list, usage_state *s);

#endif
