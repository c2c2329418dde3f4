/* Orders for payment, providers' call-backs, refunds. */
#ifndef API_PAYMENTS_H
#define API_PAYMENTS_H

#include "api/request.h"

hub_status payments_get(request *r);
hub_status payments_post(request *r);
hub_status payment_get(request *r);
hub_status providers_get(request *r); /* names alone, for whoever is known */
hub_status payment_refund_post(request *r);
hub_status payment_callback_post(request *r);

#endif
